// The run of a soak: what is seen is kept in its file once a minute and at the end, and the slopes are over all stretches.

import { type RunResult, type SoakSlope, soakSlopes, type Timeline } from '@jobstorm/loadtest';
import { ExitCode } from '@jobstorm/program';
import type { RunListener } from '../recorder.ts';
import { type Errand, measure } from '../run-command.ts';
import type { SoakConfig } from './soak-settings.ts';
import { type SoakStretch, saveSoak, soakedS } from './soak-state.ts';
import { soakSummary } from './soak-summary.ts';

const saveEveryS = 60;

/** Keeps this stretch in the soak's file while it goes on. */
class Keeper {
  readonly listener: RunListener;
  /** Why the file could not be written, when it could not; the soak goes on. */
  trouble: string | null = null;
  readonly #soak: SoakConfig['soak'];
  readonly #run: Pick<SoakStretch, 'run' | 'startedAt'>;
  #timeline: Timeline | null = null;
  #savedS = 0;

  constructor(soak: SoakConfig['soak'], run: Pick<SoakStretch, 'run' | 'startedAt'>, heard: RunListener) {
    this.#soak = soak;
    this.#run = run;
    this.listener = {
      ...heard,
      onStart: (timeline) => {
        heard.onStart?.(timeline);
        this.#timeline = timeline;
      },
      onSample: (sample) => {
        heard.onSample?.(sample);
        if (sample.atS - this.#savedS < saveEveryS) return;
        this.#savedS = sample.atS;
        this.save();
      },
    };
  }

  /** All stretches, this one so far included. */
  get stretches(): readonly SoakStretch[] {
    const samples = this.#timeline?.samples ?? [];
    const lengthS = samples.at(-1)?.atS ?? 0;
    const { stretches } = this.#soak.state;
    return lengthS > 0 ? [...stretches, { ...this.#run, lengthS, samples }] : stretches;
  }

  save(): void {
    const { path, state } = this.#soak;
    if (path === null) return;
    try {
      saveSoak(path, { ...state, stretches: [...this.stretches] });
    } catch (error) {
      this.trouble = `what was seen can't be kept in ${path}: ${(error as Error).message}`;
    }
  }
}

function codeOf({ jobs, valid }: RunResult, slopes: readonly SoakSlope[], interrupted: boolean): number {
  if (interrupted) return ExitCode.interrupted;
  if ((jobs.lost ?? 0) > 0 || jobs.duplicated > 0) return ExitCode.jobsLostOrDuplicated;
  if (!valid) return ExitCode.notValid;
  return slopes.some(({ verdict }) => verdict === 'growing') ? ExitCode.thresholdFailed : ExitCode.good;
}

/** Resolves with the exit code. */
export async function soakErrand(errand: Errand, soak: SoakConfig['soak']): Promise<number> {
  const { context, interrupt, terminal: t, reports } = errand;
  const startedAt = new Date(context.startedAtMs).toISOString();
  const keeper = new Keeper(soak, { run: context.plan.run, startedAt }, reports.listener);
  const before = soakedS(soak.state);
  if (before > 0)
    t.write(`goes on with the soak in ${soak.path}: ${Math.round(before)} of ${soak.durationS} s are done\n`);
  else if (soak.path === null) t.write(t.dim('without --resume FILE what was seen is gone after ctrl-C\n'));
  const { result, endToEnd, show } = await measure(errand, keeper.listener).finally(() => keeper.save());
  show();
  const { stretches } = keeper;
  const slopes = soakSlopes(stretches.map(({ samples }) => samples));
  result.soak = { stretches: stretches.length, soakedS: soakedS({ ...soak.state, stretches: [...stretches] }), slopes };
  const end = { ...result.soak, durationS: soak.durationS, path: soak.path, interrupted: interrupt.signal.aborted };
  t.write(soakSummary(end, t));
  if (keeper.trouble) t.write(t.yellow(`${keeper.trouble}\n`));
  reports.finish(result, endToEnd);
  return codeOf(result, slopes, interrupt.signal.aborted);
}
