// What a part may say, checked before anything of it is believed: shapes by schema, then what a schema can't say (histograms
// that add up, ledger pages of the right size). Fields that are not known are left alone, so that newer parts can report
// here; only the names of phases become keys of objects, so those have to be known.

import { JobstormError } from '@jobstorm/protocol';
import {
  type ClockAnswer,
  checkHistogramData,
  checkLedgerPage,
  checkRateSeries,
  type Hello,
  type Phases,
  phaseNames,
  type RunTally,
  type SettingsAnswer,
  type Snapshot,
} from '@jobstorm/telemetry';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { type TypeCheck, TypeCompiler } from '@sinclair/typebox/compiler';

/** A message that no part of ours sends. */
export class MessageError extends JobstormError {
  constructor(message: string) {
    super('EMESSAGE', message);
  }
}

const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Amount = Type.Number({ minimum: 0 });
const Name = Type.String({ minLength: 1, maxLength: 200 });
/** Of a container; may be empty. */
const Label = Type.String({ maxLength: 300 });
const Nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const HelloSchema = Type.Object({
  type: Type.Literal('hello'),
  part: Type.Union([Type.Literal('worker'), Type.Literal('api'), Type.Literal('docker')]),
  id: Name,
  host: Name,
  pid: Count,
  version: Name,
  startedAtMs: Amount,
  capCores: Nullable(Amount),
  group: Name,
});

const Usage = Type.Object({ cpuUs: Amount, rssBytes: Amount, loopDelayP99Us: Nullable(Amount) });

const HistogramSchema = Type.Object({
  changes: Type.Optional(Type.Literal(true)),
  count: Count,
  sum: Amount,
  max: Count,
  buckets: Type.Array(Count, { maxItems: 80_000 }),
});

const PhasesSchema = Type.Partial(
  Type.Record(Type.Union(phaseNames.map((name) => Type.Literal(name))), HistogramSchema, {
    additionalProperties: false,
  }),
);

const RunTallySchema = Type.Object({
  run: Name,
  completed: Count,
  failed: Count,
  retried: Count,
  duplicated: Count,
  unexpected: Type.Optional(Count),
  firstFetchUs: Amount,
  lastAckUs: Amount,
  phases: PhasesSchema,
  series: Type.Object({ bucketMs: Count, firstBucket: Count, counts: Type.Array(Count) }),
  pages: Type.Array(Type.Object({ page: Count, bits: Type.String() })),
});

const CgroupSchema = Type.Object({
  quotaCores: Nullable(Amount),
  cpuUs: Nullable(Amount),
  periods: Amount,
  throttledPeriods: Amount,
  throttledUs: Amount,
  memoryBytes: Nullable(Amount),
  memoryLimitBytes: Nullable(Amount),
});

const JobTypeSchema = Type.Object({ jobtype: Name, failed: Count, service: HistogramSchema });

const WorkerSchema = Type.Object({
  type: Type.Literal('worker'),
  sentAtUs: Amount,
  state: Type.Union([Type.Literal('running'), Type.Literal('quiet'), Type.Literal('terminate')]),
  connected: Type.Boolean(),
  slots: Type.Object({ total: Count, running: Count }),
  held: Type.Optional(Count),
  connections: Count,
  totals: Type.Object({ fetched: Count, completed: Count, failed: Count }),
  usage: Usage,
  cgroup: Type.Optional(Nullable(CgroupSchema)),
  jobTypes: Type.Optional(Type.Array(JobTypeSchema, { maxItems: 100 })),
  runs: Type.Array(RunTallySchema, { maxItems: 1000 }),
});

const ApiSchema = Type.Object({
  type: Type.Literal('api'),
  sentAtUs: Amount,
  connected: Type.Boolean(),
  totals: Type.Object({ requests: Count, accepted: Count, refused: Count, batches: Count }),
  waiting: Count,
  batchesInFlight: Count,
  phases: PhasesSchema,
  usage: Usage,
});

const ContainerSchema = Type.Object({
  id: Name,
  name: Label,
  project: Label,
  service: Label,
  image: Label,
  state: Label,
  readAtMs: Amount,
  cpuUs: Amount,
  capCores: Nullable(Amount),
  periods: Amount,
  throttledPeriods: Amount,
  throttledUs: Amount,
  memoryBytes: Amount,
  memoryLimitBytes: Nullable(Amount),
  networkRxBytes: Amount,
  networkTxBytes: Amount,
  blockReadBytes: Amount,
  blockWriteBytes: Amount,
});

const DockerSchema = Type.Object({
  type: Type.Literal('docker'),
  sentAtUs: Amount,
  unavailable: Nullable(Type.String({ maxLength: 1000 })),
  hostCores: Amount,
  hostMemoryBytes: Amount,
  containers: Type.Array(ContainerSchema, { maxItems: 1000 }),
  usage: Usage,
});

const Texts = Type.Array(Label, { maxItems: 1000 });

const AnswerSchema = Type.Object({
  type: Type.Literal('settings'),
  number: Count,
  inForce: Type.Partial(
    Type.Object({
      slots: Count,
      processes: Count,
      queues: Texts,
      queueSlots: Texts,
      rateLimit: Texts,
      prefetch: Count,
      batchMaxSize: Count,
      batchMaxDelayMs: Amount,
      batchAuto: Type.Boolean(),
      batchAdaptive: Type.Boolean(),
    }),
  ),
  refusal: Nullable(Type.String({ maxLength: 2000 })),
});
const ClockSchema = Type.Object({ type: Type.Literal('clock'), sentUs: Amount, atUs: Amount });

const helloCheck = TypeCompiler.Compile(HelloSchema);
const workerCheck = TypeCompiler.Compile(WorkerSchema);
const apiCheck = TypeCompiler.Compile(ApiSchema);
const clockCheck = TypeCompiler.Compile(ClockSchema);
const dockerCheck = TypeCompiler.Compile(DockerSchema);
const answerCheck = TypeCompiler.Compile(AnswerSchema);

function checked<T extends TSchema>(check: TypeCheck<T>, value: unknown, what: string): Static<T> {
  if (check.Check(value)) return value;
  const error = check.Errors(value).First();
  throw new MessageError(`${what}${error?.path ?? ''}: ${error?.message ?? 'wrong shape'}`);
}

/** @throws MessageError when the text is not JSON */
export function parseMessage(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MessageError('not JSON');
  }
}

/** @throws MessageError when it is no Hello */
export function checkHello(value: unknown): Hello {
  return checked(helloCheck, value, 'hello');
}

/** It means to be an answer to settings. */
export function isAnswer(value: unknown): boolean {
  return (value as { type?: unknown } | null)?.type === 'settings';
}

/** @throws MessageError when it is no answer to settings */
export function checkAnswer(value: unknown): SettingsAnswer {
  return checked(answerCheck, value, 'answer to settings');
}

/** What a part's clock said; null: it is another message. */
export function clockAnswer(value: unknown): ClockAnswer | null {
  return clockCheck.Check(value) ? value : null;
}

/** @throws MessageError when it is no snapshot of that kind of part */
export function checkSnapshot(value: unknown, part: Hello['part']): Snapshot {
  const snapshot = shaped(value, part);
  try {
    if (snapshot.type === 'api') {
      checkPhases(snapshot.phases);
      for (const { changes } of Object.values(snapshot.phases)) {
        if (changes) throw new RangeError("an api-service's histograms are told whole");
      }
    }
    if (snapshot.type === 'worker') {
      for (const tally of snapshot.runs) checkTally(tally);
      for (const { service } of snapshot.jobTypes ?? []) checkHistogramData(service);
    }
  } catch (error) {
    if (error instanceof RangeError) throw new MessageError(error.message);
    throw error;
  }
  return snapshot;
}

function shaped(value: unknown, part: Hello['part']): Snapshot {
  switch (part) {
    case 'worker':
      return checked(workerCheck, value, 'worker snapshot');
    case 'api':
      return checked(apiCheck, value, 'api snapshot');
    case 'docker':
      return checked(dockerCheck, value, 'docker snapshot');
  }
}

function checkTally({ phases, series, pages }: RunTally): void {
  checkPhases(phases);
  checkRateSeries(series);
  for (const page of pages) checkLedgerPage(page);
}

function checkPhases(phases: Phases): void {
  for (const histogram of Object.values(phases)) checkHistogramData(histogram);
}
