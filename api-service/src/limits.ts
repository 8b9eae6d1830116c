// How much this service takes, in one place. Past a limit a request is answered 413 or 503 in one sentence, so that memory
// stays bounded whatever callers and job server do. README states these figures.

/** Jobs in one POST /jobs/batch. */
export const maxJobsPerRequest = 100_000;
/** Body of POST /jobs/:type. */
export const maxJobBodyBytes = 1024 * 1024;
/** A body of POST /jobs/:type up to this size is not counted as held while it comes in. */
export const uncountedBodyBytes = 16 * 1024;
/** Body of POST /jobs/batch. */
export const maxBatchBodyBytes = 32 * 1024 * 1024;
/** Jobs taken in and not yet answered, over all requests. */
export const maxHeldJobs = 400_000;
/** Bytes of bodies and job texts held for them. */
export const maxHeldBytes = 128 * 1024 * 1024;
/** PUSHBs of POST /jobs/batch that wait for their answer at one time, over all requests. */
export const maxBulkPushes = 16;
/** Text of one PUSHB, in characters; more goes as several. Job servers have limits on a line, and copies of it cost memory. */
export const maxPushChars = 8 * 1024 * 1024;
/** How long a stopping service waits for the job server's answers before it gives up, in ms. */
export const drainMs = 12_000;
/** How long a client may take to send a whole request, in ms. */
export const requestTimeoutMs = 60_000;
/** What Retry-After says when the job server is away or this service is full. */
export const retryAfterS = 1;
