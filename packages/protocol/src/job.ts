// The job as it travels: field names and defaults are FWP's own (https://github.com/contribsys/faktory/wiki/The-Job-Payload).

/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Why a job failed last, as the server keeps it in the job. Timestamps are RFC 3339. */
export interface JobFailure {
  retry_count: number;
  remaining?: number;
  failed_at: string;
  next_at?: string;
  message?: string;
  errtype?: string;
  backtrace?: string[];
}

export interface Job {
  /** At least 8 bytes, chosen by the producer. */
  jid: string;
  jobtype: string;
  args: Json[];
  /** `default` when absent. */
  queue?: string;
  /** Retries after the first failure: 25 when absent, 0 drops a failed job, -1 sends it to the dead set at once. */
  retry?: number;
  /** Seconds until an unacknowledged job is handed out again: 1800 when absent, 60 to 86400. */
  reserve_for?: number;
  /** RFC 3339; in the future: the job waits in the scheduled set. */
  at?: string;
  created_at?: string;
  /** Set by the server when the job enters its queue. */
  enqueued_at?: string;
  backtrace?: number;
  failure?: JobFailure;
  custom?: { [key: string]: Json };
}
