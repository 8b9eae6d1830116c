// Ends a run as soon as a threshold does not hold any more (--threshold-abort). Invariant: it looks only at what the timeline has,
// so whatever it ends a run for can be seen in its reports.

import { brokenThreshold, type Threshold, type Timeline } from '@jobstorm/loadtest';
import type { RunListener } from './recorder.ts';

export class ThresholdWatch {
  readonly #thresholds: readonly Threshold[];
  readonly #controller = new AbortController();
  #timeline: Timeline | null = null;
  #broken: Threshold | null = null;

  constructor(thresholds: readonly Threshold[]) {
    this.#thresholds = thresholds;
  }

  /** Aborted when a threshold is broken. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The one that was; null: none. */
  get broken(): Threshold | null {
    return this.#broken;
  }

  /** What the run tells, passed on to `next` first. */
  listener(next: RunListener): RunListener {
    return {
      onStart: (timeline) => {
        next.onStart?.(timeline);
        this.#timeline = timeline;
      },
      onMark: (mark) => next.onMark?.(mark),
      ...(next.onVerdict ? { onVerdict: next.onVerdict } : {}),
      onWorkerLost: () => next.onWorkerLost?.(),
      onChanged: (what) => next.onChanged?.(what),
      onSample: (sample) => {
        next.onSample?.(sample);
        this.#look();
      },
    };
  }

  #look(): void {
    if (!this.#timeline || this.#broken) return;
    const { stretches, latency } = this.#timeline;
    this.#broken = brokenThreshold(this.#thresholds, { stretches, latency });
    if (this.#broken) this.#controller.abort();
  }
}
