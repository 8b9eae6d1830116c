// The schema of a result, as docs/result.schema.json publishes it (`node --import tsx bin/schemas.mjs` writes that file, and a test
// compares the two). Invariant: a RunResult fits it, which the compiler checks at the end of this file; fields may be added within a
// version, and a field that goes or changes its meaning raises it.

import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { type CpuPart, cpuParts, type PhaseName, phaseNames, type RunResult } from './result.ts';

const orNull = <S extends TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const count = (description: string) => Type.Integer({ minimum: 0, description });
const figure = (description: string) => orNull(Type.Number({ description }));
const words = Type.Array(Type.String());

/** The same schema under each of these names. */
function each<Name extends string, S extends TSchema>(names: readonly Name[], schema: S) {
  return Type.Object(Object.fromEntries(names.map((name) => [name, schema])) as Record<Name, S>);
}

const percentiles = Type.Object(
  {
    p50: Type.Number(),
    p90: Type.Number(),
    p95: Type.Number(),
    p99: Type.Number(),
    p999: figure('null under 10,000 values'),
    max: Type.Number(),
    count: Type.Integer(),
  },
  { description: 'Microseconds, of all jobs' },
);

const cpuUse = Type.Object(
  {
    usedCores: Type.Number(),
    capCores: figure('cores that it may use'),
    percentOfCap: figure('of capCores'),
    throttledShare: figure('of the scheduler’s periods, those in which its CPU quota held it back'),
  },
  { description: 'Over the run, first submission to last completion' },
);

const jobs = Type.Object({
  submitted: count('sent'),
  accepted: count('confirmed by the job server'),
  completed: count('acknowledged, each sequence number once'),
  failed: count('runs of a handler that ended in a FAIL'),
  retried: count('arrived having failed before'),
  lost: orNull(count('accepted, and neither completed nor failed for good')),
  duplicated: count('acknowledgements beyond the first of a job; in a chaos-test, runs beyond the first'),
  unexpected: count('completions beyond what was accepted'),
});

const known = {
  low: Type.Number(),
  high: Type.Number(),
  spread: figure('standard deviation of the logarithms'),
  batches: Type.Integer(),
};

const precision = Type.Object({
  steadyWindow: orNull(Type.Object({ startMs: Type.Number(), endMs: Type.Number(), jobs: Type.Integer() })),
  completePerS: orNull(Type.Object({ ...known, batchS: Type.Number(), effectiveSamples: Type.Number() })),
  latencyUs: orNull(each(['p50', 'p95', 'p99'], Type.Object(known))),
});

const threshold = Type.Object({
  expression: Type.String(),
  value: figure('what was measured; null: it was not, and the threshold failed'),
  passed: Type.Boolean(),
});

const tide = Type.Object({
  jobs: Type.Integer(),
  buildS: figure('seconds until the backlog stood'),
  depth: figure('jobs that waited then'),
  drainS: figure('seconds until it was gone'),
});

/** Of runs by a load model. */
const load = Type.Object({
  model: Type.String(),
  held: Type.Boolean({ description: 'workers started only when all jobs were queued' }),
  measured: Type.String(),
  tides: Type.Array(tide),
});

const clock = Type.Object({
  host: Type.String(),
  offsetUs: figure('how far ahead of the generator’s'),
  errorUs: figure('it is off by no more than this'),
});

const slope = Type.Object({
  what: Type.String(),
  unit: Type.Union([Type.Literal('bytes'), Type.Literal('handles'), Type.Literal('us'), Type.Literal('jobs')]),
  mean: figure('of what was looked at'),
  perHour: figure('the slope'),
  low: figure('of its 95% interval'),
  high: figure('of its 95% interval'),
  verdict: Type.Union([
    Type.Literal('flat'),
    Type.Literal('growing'),
    Type.Literal('falling'),
    Type.Literal('too short'),
  ]),
});

const ledger = each(
  ['accepted', 'completed', 'lost', 'duplicated', 'unreported', 'unanswered', 'held'],
  Type.Integer({ minimum: 0 }),
);
const kill = Type.Object({
  atS: Type.Number(),
  what: Type.String(),
  replacedS: figure('seconds until another one worked'),
  rateBackS: figure('seconds until the rate was as before'),
});

const cost = each(
  [
    'workerCoreSecondsPer1kJobs',
    'apiCoreSecondsPer1kJobs',
    'serverCoreSecondsPer1kJobs',
    'workerRssBytes',
    'serverRssBytes',
  ],
  figure('null beside a reason where it was not measured'),
);

const environment = Type.Object({
  cpus: Type.Integer(),
  cpuModel: Type.String(),
  memoryBytes: Type.Number(),
  node: Type.String(),
  os: Type.String(),
  server: Type.String(),
});

const setting = Type.Object({
  slots: Type.Integer(),
  cpus: Type.Number(),
  processes: Type.Integer(),
  batchSize: Type.Integer(),
  batchDelayMs: Type.Integer(),
});
const found = Type.Object(
  {
    winner: setting,
    ratePerS: Type.Number({ description: 'verified outside the search, where trials were left for that' }),
    stopped: Type.String(),
    trials: Type.Integer(),
    tried: Type.Array(
      Type.Object({
        setting,
        stage: Type.String({ description: 'of the search: ramp, narrow, …; verify: outside it' }),
        measured: Type.Unknown(),
        intervalPerS: Type.Optional(Type.Union([Type.Tuple([Type.Number(), Type.Number()]), Type.Null()])),
        endedEarly: Type.Optional(Type.Boolean({ description: 'it had lost, and was not measured to its end' })),
      }),
    ),
    front: Type.Array(
      Type.Object(
        { setting, measured: Type.Unknown() },
        { description: 'nothing else is better at one thing and as good at the rest' },
      ),
    ),
  },
  { description: 'what a tuning found; all above is the trial that was measured last' },
);

const finding = orNull(Type.Union([Type.Literal('same'), Type.Literal('better'), Type.Literal('worse')]));

const overheadFigure = Type.Object({
  on: Type.Number({ description: 'with recording; jobs/s, or microseconds of the workers’ CPU a job' }),
  off: Type.Number(),
  cost: Type.Number({ description: 'on - off' }),
  costLow: orNull(Type.Number()),
  costHigh: orNull(Type.Number()),
  finding,
  equalDiffer: orNull(Type.Number({ description: 'between two settings that both recorded: the noise' })),
  equalFinding: finding,
});

const batching = Type.Optional(
  orNull(
    Type.Object(
      { jobs: Type.Integer({ minimum: 0 }), pushes: Type.Integer({ minimum: 0 }) },
      { description: 'jobs that the api-service sent meanwhile, and the PUSHBs that they went in' },
    ),
  ),
);

export const runResultSchema = Type.Object(
  {
    schemaVersion: Type.Literal(1),
    run: Type.Object({ id: Type.String(), startedAt: Type.String(), command: Type.String() }),
    config: Type.Record(Type.String(), Type.Unknown(), { description: 'settings in force, without secrets' }),
    batching,
    clocks: Type.Array(clock, { description: 'hosts with clocks of their own, beside the generator’s' }),
    load: Type.Optional(load),
    environment,
    jobs,
    queue: each(['depthMax', 'depthEnd', 'slopePerS'], figure('jobs, as the job server said')),
    throughput: Type.Object({
      submitPerS: figure('jobs a second'),
      completePerS: figure('jobs a second: over the steady window, or without one over the whole run'),
      steadyWindowS: figure('its length in seconds; null: the rate was never steady'),
    }),
    latencyUs: each<PhaseName, ReturnType<typeof orNull<typeof percentiles>>>(phaseNames, orNull(percentiles)),
    cost,
    cpu: each<CpuPart, ReturnType<typeof orNull<typeof cpuUse>>>(cpuParts, orNull(cpuUse)),
    precision,
    repeats: Type.Optional(Type.Object({ runs: Type.Array(Type.Unknown()), figures: Type.Unknown() })),
    verdict: Type.Object({
      bottleneck: Type.String(),
      evidence: words,
      advice: Type.String(),
      basis: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { description: 'the figures it was made of' })),
      scaling: Type.Optional(Type.Object({ helps: Type.String(), because: Type.String() })),
    }),
    valid: Type.Boolean(),
    invalidBecause: words,
    notes: Type.Optional(Type.Array(Type.String(), { description: 'what else to know when quoting it' })),
    thresholds: Type.Array(threshold),
    baseline: Type.Optional(Type.Object({ file: Type.String(), finding: Type.String(), basis: Type.String() })),
    against: Type.Optional(
      Type.Array(
        Type.Object(
          { flags: Type.String(), batching, comparison: Type.Object({ finding: Type.String(), basis: Type.String() }) },
          { description: 'settings whose runs took turns with this one’s (--against, --batching)' },
        ),
      ),
    ),
    overhead: Type.Optional(
      Type.Object(
        { completePerS: orNull(overheadFigure), cpuUsPerJob: orNull(overheadFigure), basis: Type.String() },
        { description: 'what recording cost (--overhead): with it, without, and between two settings that were equal' },
      ),
    ),
    soak: Type.Optional(Type.Object({ stretches: Type.Integer(), soakedS: Type.Number(), slopes: Type.Array(slope) })),
    found: Type.Optional(found),
    chaos: Type.Optional(Type.Object({ ledger, kills: Type.Array(kill) })),
    notMeasured: Type.Record(Type.String(), Type.String(), {
      description: 'dotted path of a null above, to the reason; a parent’s reason holds for all below it',
    }),
  },
  {
    $id: 'jobstorm-result-1',
    title: 'The result of a jobstorm run',
    description: 'As --json writes it, also for a run that failed. What was not measured is null.',
  },
);

/** Whether every A is a B. */
type Fits<A extends B, B> = A;
/** Does not compile once a result no longer fits the schema. */
export type SchemaHolds = Fits<RunResult, Static<typeof runResultSchema>>;
