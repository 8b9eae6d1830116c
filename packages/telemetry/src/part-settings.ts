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

export interface SettingsMessage {
  type: 'settings';
  worker?: WorkerSettings;
  api?: ApiSettings;
}
