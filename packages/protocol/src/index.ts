// The only door to protocol: FWP as both sides speak it.

export { defaultPort, describeAddress, formatServerUrl, parseServerUrl, type ServerAddress } from './address.ts';
export { parseBeatReply, type ServerInfo, type WorkerState } from './answers.ts';
export { Client, type Failure, type MutateCommand } from './client.ts';
export { CommandDecoder, defaultMaxLineBytes } from './command-decoder.ts';
export { Connection, type ConnectionOptions, reads } from './connection.ts';
export { ConnectionError, JobstormError, ProtocolError, ServerError } from './error.ts';
export { helloLine, type WorkerIdentity } from './handshake.ts';
export type { Job, JobFailure, Json } from './job.ts';
export { Link, type LinkOptions } from './link.ts';
export { hashPassword, maxIterations } from './password.ts';
export { serverError } from './promise-sink.ts';
export type { ReplyKind, ReplySink } from './reply.ts';
export { defaultReplyLimits, ReplyDecoder, type ReplyLimits } from './reply-decoder.ts';
export { fromByteText, toByteText } from './wire-text.ts';
