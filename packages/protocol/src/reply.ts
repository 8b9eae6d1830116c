// A server's reply, and who gets it.

import type { JobstormError } from './error.ts';

/** simple: `+text`; error: `-CODE text`; bulk: `$length` and a body; nil: `$-1`, no body. */
export type ReplyKind = 'simple' | 'error' | 'bulk' | 'nil';

/**
 * Takes the replies of the commands that were sent with it, in the order of sending: for each exactly one `onReply` or one
 * `onError` (the connection ended or the deadline passed first). Neither may throw. One sink can serve any number of commands.
 */
export interface ReplySink {
  /** `text` is the line without its marker, or the body; '' for nil. */
  onReply(kind: ReplyKind, text: string): void;
  onError(error: JobstormError): void;
}
