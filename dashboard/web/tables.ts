// Tables of workers, containers, trials and records.

import type { LiveWorker } from '../src/page-state.ts';
import type { RunBrief } from '../src/run-feed.ts';
import type { RunModel, Trial } from '../src/run-model.ts';
import type { HostView } from '../src/view.ts';
import { plainCommand } from './command-text.ts';
import { bytes, cores, duration, percent, short, time, whole } from './format.ts';
import { Pace } from './pace.ts';
import { fill, type MadeCell } from './table.ts';

/** `12 of 2,000`; without a limit the amount alone. */
const ofAll = (amount: string, all: string | null) => (all === null ? amount : `${amount} of ${all}`);

const paces = new Pace();

const workerHead = ['worker', 'slots busy', 'connections', 'jobs/s', 'memory', 'loop delay p99', 'cores', 'state'];

function stateOf({ state, live }: LiveWorker): string {
  if (!live) return 'gone';
  if (!state.connected) return 'away from the job server';
  return { running: 'running', quiet: 'takes no more', terminate: 'ends' }[state.state];
}

export function drawWorkers(table: HTMLTableElement, workers: readonly LiveWorker[]): void {
  const rows = workers.map((worker) => {
    const { id, hello, state } = worker;
    const atMs = state.sentAtUs / 1000; // by the worker's own clock, which these rates are of
    const perS = (name: string, value: number) => paces.perS(`${id} ${name}`, atMs, value);
    const cpuUsPerS = perS('cpu', state.usage.cpuUs);
    const cells = [
      `${hello.host} ${hello.pid}`,
      ofAll(whole(state.slots.running), whole(state.slots.total)),
      whole(state.connections),
      whole(perS('jobs', state.totals.completed + state.totals.failed)),
      bytes(state.usage.rssBytes),
      duration(state.usage.loopDelayP99Us),
      ofAll(cores(cpuUsPerS === null ? null : cpuUsPerS / 1e6), hello.capCores === null ? null : cores(hello.capCores)),
      stateOf(worker),
    ];
    return { key: id, cells };
  });
  paces.round();
  fill(table, workerHead, rows, 'no worker reports here');
}

const containerHead = [
  'container',
  'host',
  'state',
  'cores',
  'used',
  'throttled',
  'memory',
  'net in',
  'net out',
  'read',
  'written',
];
const containerPaces = new Pace();

export function drawContainers(table: HTMLTableElement, hosts: readonly HostView[]): void {
  const rows = hosts.flatMap(({ host, live, hostCores, containers }) =>
    containers.map((container) => {
      const cap = container.capCores ?? hostCores;
      const used = live ? container.usedCores : null;
      const perS = (name: string, value: number) => {
        const rate = containerPaces.perS(`${host} ${container.id} ${name}`, container.readAtMs, value);
        return live && rate !== null ? `${bytes(rate)}/s` : '–';
      };
      const cells = [
        container.name,
        host,
        live ? container.state : 'not known',
        ofAll(cores(used), cores(cap)),
        percent(used === null || !cap ? null : used / cap),
        percent(live ? container.throttledShare : null),
        ofAll(
          bytes(container.memoryBytes),
          container.memoryLimitBytes === null ? null : bytes(container.memoryLimitBytes),
        ),
        perS('in', container.networkRxBytes),
        perS('out', container.networkTxBytes),
        perS('read', container.blockReadBytes),
        perS('written', container.blockWriteBytes),
      ];
      return { key: `${host} ${container.id}`, cells };
    }),
  );
  containerPaces.round();
  fill(table, containerHead, rows, 'no docker-stats reports here');
}

/** What is wrong with a host's figures, if anything. */
export function hostTroubles(hosts: readonly HostView[]): string[] {
  return hosts.flatMap(({ host, live, seenAtMs, unavailable }) => {
    if (!live)
      return [
        `${host}: its docker-stats has gone; containers as they were at ${new Date(seenAtMs).toLocaleTimeString()}`,
      ];
    return unavailable === null ? [] : [`${host}: containers are unavailable: ${unavailable}`];
  });
}

const trialHead = [
  '#',
  'slots',
  'CPUs',
  'procs',
  'batch',
  'delay',
  'jobs/s',
  '±',
  'p99',
  'jobs/s a core',
  'limit',
  'stage',
  'kept or dropped because',
];

export type TrialOrder = 'number' | 'rate' | 'p99';

const orders: Record<TrialOrder, (a: Trial, b: Trial) => number> = {
  number: (a, b) => b.number - a.number,
  rate: (a, b) => (b.measured?.ratePerS ?? 0) - (a.measured?.ratePerS ?? 0),
  p99: (a, b) => (a.measured?.p99Us ?? Number.POSITIVE_INFINITY) - (b.measured?.p99Us ?? Number.POSITIVE_INFINITY),
};

export function drawTrials(table: HTMLTableElement, run: RunModel | null, order: TrialOrder): void {
  const trials = [...(run?.trials.values() ?? [])].sort(orders[order]);
  const best = run?.bestTrial;
  const rows = trials.map(({ number, setting, measured, intervalPerS, stage, why, note, state }) => {
    const half = intervalPerS ? (intervalPerS[1] - intervalPerS[0]) / 2 : null;
    const perCore = measured?.usedCores ? measured.ratePerS / measured.usedCores : null;
    const cells = [
      String(number),
      whole(setting.slots),
      short(setting.cpus),
      whole(setting.processes),
      whole(setting.batchSize),
      `${whole(setting.batchDelayMs)} ms`,
      state === 'running' ? 'measuring …' : whole(measured?.ratePerS),
      whole(half),
      duration(measured?.p99Us),
      whole(perCore),
      measured?.bottleneck ?? '',
      stage,
      note || (state === 'running' ? why : ''),
    ];
    return { key: String(number), cells };
  });
  fill(table, trialHead, rows, 'no trials: just tune, or the Tune button, starts a search');
  const at = best ? trials.indexOf(best) : -1;
  for (const [row, element] of [...table.tBodies[0]!.rows].entries()) element.classList.toggle('best', row === at);
}

const historyHead = ['started', 'command', 'completed', 'lost', 'jobs/s', 'p99', 'limit', ''];

/** `buttons`: what can be done with a run. */
export function drawHistory(
  table: HTMLTableElement,
  runs: readonly RunBrief[],
  buttons: (run: RunBrief) => MadeCell,
): void {
  const rows = runs.map((run) => ({
    key: run.id,
    cells: [
      new Date(run.startedAt).toLocaleString(),
      run.ended
        ? plainCommand(run.command)
        : `${plainCommand(run.command)} (${run.goesOn ? 'goes on' : 'was cut off'})`,
      whole(run.completed),
      whole(run.lost),
      whole(run.completePerS),
      duration(run.p99Us),
      run.bottleneck ?? '–',
      buttons(run),
    ],
  }));
  fill(table, historyHead, rows, 'no runs are kept here yet');
}

export function stageText(run: RunModel, goesOn: boolean): string {
  const { stage, samples } = run;
  if (run.ended) return 'finished';
  if (!goesOn) return 'cut off';
  if (stage === null) return samples.length === 0 ? 'starting' : 'running';
  const nowS = samples.at(-1)?.atS ?? 0;
  const left = stage.lengthS === null ? '' : `, ${time(Math.max(0, stage.atS + stage.lengthS - nowS))} left`;
  return `${stage.what}${left}`;
}
