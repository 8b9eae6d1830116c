// A tuning from a cluster that is up to its exit code: what may be searched there, the search, what it found, and the cluster left with
// that in force, or as it was before.

import { type Found, meanOf, paretoFront, type SearchOptions } from '@jobstorm/loadtest';
import { ExitCode } from '@jobstorm/program';
import { describeAddress } from '@jobstorm/protocol';
import { FeedLink } from '../feed-link.ts';
import { dashboardLink } from '../operate/server-summary.ts';
import { type Errand, serverNameOf } from '../run-command.ts';
import { requireDefaults, saveDefaults } from './compose-defaults.ts';
import { Knobs } from './knobs.ts';
import type { TuneConfig } from './tune-settings.ts';
import { resumeTune, type TuneState } from './tune-state.ts';
import { dryRunText, foundText, shareOf } from './tune-summary.ts';
import { Tuning } from './tuning.ts';

type TuneOptions = TuneConfig['tune'];

function termsOf(
  { config, cluster }: Errand,
  { goalText, windowMs }: TuneOptions,
  { bounds, gridSteps }: SearchOptions,
) {
  return {
    goal: goalText,
    bounds,
    windowMs,
    ...(gridSteps === undefined ? {} : { grid: gridSteps }),
    jobtype: config.shape.jobtype,
    serviceMs: config.shape.serviceMs,
    via: config.via,
    server: cluster.server ? 'local' : describeAddress(cluster.address),
  };
}

/** Those of the tuning that was interrupted, or none yet. @throws SettingsError when there is none to resume */
function stateFor(errand: Errand, o: TuneOptions, search: SearchOptions): TuneState {
  const terms = termsOf(errand, o, search);
  if (!o.resume) return { tuneVersion: 1, terms, trials: [] };
  const state = resumeTune(process.cwd(), terms);
  const trials = state.trials.length === 1 ? '1 trial' : `${state.trials.length} trials`;
  errand.terminal.write(`resumed: ${trials} of before ${state.trials.length === 1 ? 'counts' : 'count'}\n`);
  return state;
}

/** Where a room of this command's own is told of the run; null: another one is. */
function ownRoom({ cluster, config, context }: Errand): FeedLink | null {
  if (!cluster.control.own || config.values.tell !== null) return null;
  return new FeedLink({ room: cluster.control.url, token: null, run: context.plan.run });
}

/** The search, its steps told, and what it found. Resolves with the exit code. */
export async function tuneErrand(errand: Errand, o: TuneOptions): Promise<number> {
  const { cluster, terminal: t, reports, context } = errand;
  if (o.save) requireDefaults(process.cwd());
  if (!o.dryRun) t.write(`watch it: ${dashboardLink(cluster.control.url.replace(/^ws/, 'http'), cluster.bearer)}\n`);
  context.environment.server = await serverNameOf(cluster);
  const knobs = await Knobs.open(errand);
  const search = { ...o.search, bounds: await knobs.bounds(o.search.bounds) };
  for (const note of knobs.notes) t.write(t.dim(`${note}\n`));
  if (o.dryRun) {
    t.write(dryRunText(search, o));
    return ExitCode.good;
  }
  const state = stateFor(errand, o, search);
  const room = ownRoom(errand);
  if (room) reports.tellTo(room);
  const tuning = new Tuning(errand, o, search, knobs, state);
  let found: Found | null = null;
  try {
    found = await tuning.run();
    const hasBatches = await knobs.hasBatches();
    return finish({ errand, o, search, tuning, workers: await knobs.workers(), hasBatches }, found);
  } finally {
    if (found === null) await knobs.putBack((line) => t.write(t.dim(`${line}\n`)));
    await room?.close();
  }
}

interface Tuned {
  errand: Errand;
  o: TuneOptions;
  search: SearchOptions;
  tuning: Tuning;
  workers: number;
  hasBatches: boolean;
}

function finish({ errand, o, search, tuning, workers, hasBatches }: Tuned, found: Found | null): number {
  const { terminal: t, reports, cluster, context } = errand;
  const { history } = tuning;
  // Its figures are the last trial's; the run is the whole tuning.
  const run = { id: context.plan.run, startedAt: new Date(context.startedAtMs).toISOString(), command: 'tune' };
  const last = tuning.last && { ...tuning.last, run };
  if (found === null) {
    if (last) reports.finish(last);
    const trials = history.length === 1 ? '1 trial' : `${history.length} trials`;
    t.write(`interrupted after ${trials}; the same command with --resume goes on from there\n`);
    return ExitCode.interrupted;
  }
  const front = paretoFront(o.goal, history);
  t.write(
    foundText({ found, front, goal: o.goal, history, verdict: last?.verdict ?? null, search, workers, hasBatches, t }),
  );
  if (!cluster.worker) t.write('it is in force now, until the parts start again\n');
  if (cluster.control.own && errand.config.shownRoom) {
    t.write(
      t.dim(
        'the dashboard keeps this tuning under History: the next `just tune`, or `just server` without containers, shows it\n',
      ),
    );
  }
  const { winner, verified, stopped, book } = found;
  const { ratePerS } = verified.length > 0 ? meanOf(verified) : book.mean(winner)!;
  // Resumed after its end: nothing was measured this time.
  if (last) {
    const report = { winner, ratePerS, stopped, trials: history.length, tried: [...history], front: [...front] };
    reports.finish({ ...last, found: report });
  }
  if (o.save) {
    const { slots, cpus, batchSize, batchDelayMs } = shareOf(winner, workers);
    const kept = { slots, cpus, ...(hasBatches ? { batchSize, batchDelayMs } : {}) };
    const files = saveDefaults(process.cwd(), kept, new Date().toISOString().slice(0, 10));
    t.write(files.length > 0 ? `saved in ${files.join(' and ')}\n` : 'the compose files have these defaults already\n');
  }
  return ExitCode.good;
}
