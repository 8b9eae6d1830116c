// Settings that parts take while they run, from the control room. What is absent stays. They are absolute values, so taking one in
// twice changes nothing, and each part checks them as it checks its flags.

/** Of a worker as a whole; any of its processes passes them on to the supervisor. */
export interface WorkerSettings {
  /** Over all processes. With fewer, what runs is finished first. */
  slots?: number;
  processes?: number;
  /** As --queues takes them: names in strict order, or `name:weight`. */
  queues?: string[];
  /** As --queue-slots takes them. */
  queueSlots?: string[];
  /** As --rate-limit takes them. */
  rateLimit?: string[];
  prefetch?: number;
}

/** Of an api-service. */
export interface ApiSettings {
  batchMaxSize?: number;
  batchMaxDelayMs?: number;
  batchAuto?: boolean;
  batchAdaptive?: boolean;
}

/** With nothing to change it asks what is in force. */
export interface SettingsMessage {
  type: 'settings';
  /**
   * The answer bears the same. Later messages have higher ones, so that one that was held up on its way to a process of a worker
   * takes nothing back.
   */
  number: number;
  worker?: WorkerSettings;
  api?: ApiSettings;
}

/** What became of a SettingsMessage. */
export interface SettingsOutcome {
  /** The part's settings from now on, all of them. */
  inForce: WorkerSettings | ApiSettings;
  /** Why it could not take what was asked, in a sentence; then nothing of it was done. Null: it took it. */
  refusal: string | null;
}

export interface SettingsAnswer extends SettingsOutcome {
  type: 'settings';
  number: number;
}
