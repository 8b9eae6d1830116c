// The one base class of jobstorm's errors. `code` is for programs, `message` is one sentence for people: what was received,
// what was expected, and where there is one, what to do next.

export class JobstormError extends Error {
  /** Stable, upper case, e.g. ECONNREFUSED, EPROTOCOL, ESETTINGS. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The server answered `-CODE text`. `code` is its CODE (open-source Faktory only uses ERR), `message` its text. */
export class ServerError extends JobstormError {}

/** The peer broke the protocol: a frame that can't be, an absurd length or iteration count. The connection is gone. */
export class ProtocolError extends JobstormError {
  constructor(message: string) {
    super('EPROTOCOL', message);
  }
}

/** No usable connection: refused (ECONNREFUSED), timed out (ETIMEDOUT), closed (ECLOSED), password (EPASSWORD). */
export class ConnectionError extends JobstormError {}
