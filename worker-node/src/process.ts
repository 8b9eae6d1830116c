// A worker process: one engine, told what to do by the supervisor. It ends when told to, when the job server says terminate,
// and when its supervisor is gone.

import { hostname } from 'node:os';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import {
  Cgroup,
  type CgroupUsage,
  makeHello,
  Reporter,
  type SettingsMessage,
  type SettingsOutcome,
} from '@jobstorm/telemetry';
import type { Engine, EngineChange, WorkerOptions } from './engine.ts';
import { builtInHandlers, type Repertoire } from './handlers.ts';
import { loadJobsFile } from './jobs-file.ts';
import type { FromProcess, StartMessage, ToProcess } from './messages.ts';
import { RestReport } from './rest-report.ts';
import { Worker } from './worker.ts';

/** How often the supervisor hears how this process is, in milliseconds. */
const reportEveryMs = 500;

/**
 * What running jobs get when the supervisor was killed, in milliseconds: then they are FAILed, so that they come back soon. A little
 * later its guard ends this process.
 */
const orphanGraceMs = 1000;

// Jobs that sleep outlive the young generation, and their garbage would be let grow to several times what is alive. Where this
// V8 has no such flag, it changes nothing.
setFlagsFromString('--heap-growing-percent=40');

/** Once it has started. */
let engine: Engine | null = null;
/** As read with the last report to the supervisor. */
let cgroup: CgroupUsage | null = null;
let ownCgroup: Cgroup | null = null;
/** From its first connection on there may be jobs to see through, so it has to end in good order. */
let starting = false;
let quietAsked = false;
/** With which grace; undefined: not. */
let stopAsked: number | null | undefined;
let changesAsked: EngineChange = {};
let usualGraceMs = 0;
/** By number: settings that the supervisor decides on. */
const unsettled = new Map<number, (outcome: SettingsOutcome) => void>();

function tell(message: FromProcess): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

async function makeEngine(start: StartMessage): Promise<Engine> {
  const repertoire: Repertoire = { handlers: builtInHandlers(), middleware: [], timeoutsMs: new Map() };
  if (start.jobsFile) await loadJobsFile(start.jobsFile, repertoire);
  const options: WorkerOptions = { ...start, ...repertoire, log: (message) => tell({ type: 'log', message }) };
  if (start.engine === 'pipelined') return new Worker(options);
  const { FaktoryWorkerEngine } = await import('./faktory-worker-engine.ts');
  return new FaktoryWorkerEngine(options);
}

/** The supervisor decides. */
function passOn({ number, worker }: SettingsMessage): Promise<SettingsOutcome> {
  return new Promise((resolve) => {
    unsettled.set(number, resolve);
    tell({ type: 'settings', number, worker: worker ?? {} });
  });
}

function report(start: StartMessage, running: Engine): Reporter | null {
  if (!start.control) return null;
  const reporter = new Reporter({
    url: start.control,
    token: start.token ?? undefined,
    hello: makeHello({
      part: 'worker',
      id: start.wid,
      host: start.hostName ?? hostname(),
      version: start.version,
      capCores: start.capCores,
      group: start.group,
    }),
    snapshot: (complete) => ({ ...running.snapshot(complete), cgroup }),
    onSettings: passOn,
    onConnection: (connected, reason) => {
      if (!connected)
        tell({ type: 'log', message: `the control room at ${start.control} can't be reached: ${reason}` });
    },
  });
  // The end of a run is told at once rather than with the next snapshot.
  const rest = new RestReport(() => reporter.send());
  running.onIdle = () => rest.idle();
  return reporter;
}

/** Tells the supervisor how this process is. */
function reportNow(withPhases: boolean): void {
  if (!engine) return;
  // Not before: the supervisor puts this process into a group of its own before it says start.
  ownCgroup ??= new Cgroup();
  cgroup = ownCgroup.usage();
  const { used_heap_size, heap_size_limit } = getHeapStatistics();
  tell({
    type: 'report',
    status: { ...engine.status(), cgroup },
    heapShare: used_heap_size / heap_size_limit,
    phases: withPhases ? engine.phases() : null,
  });
}

async function run(start: StartMessage): Promise<void> {
  const made = await makeEngine(start);
  starting = true;
  const reporter = report(start, made);
  await made.start();
  engine = made;
  if (quietAsked) void engine.quiet();
  if (stopAsked !== undefined) void engine.stop(stopAsked);
  else if (Object.keys(changesAsked).length > 0) engine.configure(changesAsked);
  reportNow(false);
  tell({ type: 'ready' });
  const reports = setInterval(() => reportNow(false), reportEveryMs).unref();
  await engine.ended;
  clearInterval(reports);
  reportNow(true);
  engine.onIdle = null;
  await reporter?.close();
  tell({ type: 'ended' });
}

function stop(graceMs: number | null): void {
  stopAsked = graceMs;
  if (engine) void engine.stop(graceMs);
  else if (!starting) process.exit(0);
}

// A terminal's ctrl-C and ctrl-Z, and its end, reach the whole group; the supervisor decides.
process.on('SIGHUP', () => {});
process.on('SIGINT', () => {});
process.on('SIGTSTP', () => {});
process.on('SIGTERM', () => stop(usualGraceMs));
process.on('disconnect', () => stop(orphanGraceMs));
process.on('message', (message: ToProcess) => {
  if (message.type === 'stop') stop(message.graceMs);
  else if (message.type === 'quiet') {
    quietAsked = true;
    void engine?.quiet();
  } else if (message.type === 'change') {
    if (engine) engine.configure(message.change);
    else changesAsked = { ...changesAsked, ...message.change };
  } else if (message.type === 'poll') reportNow(true);
  else if (message.type === 'settled') {
    unsettled.get(message.number)?.(message.outcome);
    unsettled.delete(message.number);
  } else {
    usualGraceMs = message.graceMs;
    run(message).then(
      // A handler that never returned may still hold timers or sockets.
      () => process.exit(0),
      (error) => {
        tell({
          type: 'failed',
          code: error.code ?? 'EUNEXPECTED',
          message: error.code ? error.message : String(error.stack),
        });
        setImmediate(() => process.exit(1));
      },
    );
  }
});
