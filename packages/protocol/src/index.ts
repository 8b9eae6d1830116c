export { defaultPort, describeAddress, formatServerUrl, parseServerUrl, type ServerAddress } from './address.ts';
export {
  Client,
  type Failure,
  type MutateCommand,
  parseBeatReply,
  type ServerInfo,
  type WorkerState,
} from './client.ts';
export { Connection, type ConnectionOptions, serverError } from './connection.ts';
export { ConnectionError, JobstormError, ProtocolError, ServerError } from './error.ts';
export { helloLine, type WorkerIdentity } from './handshake.ts';
export type { Job, JobFailure, Json } from './job.ts';
export { Link, type LinkOptions } from './link.ts';
export { hashPassword, maxIterations } from './password.ts';
export type { ReplyKind, ReplySink } from './reply.ts';
export { defaultReplyLimits, ReplyDecoder, type ReplyLimits } from './reply-decoder.ts';
export { fromByteText, toByteText } from './wire-text.ts';
