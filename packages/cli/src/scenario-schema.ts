// What a scenario file may say, as a schema, and what it means. docs/scenarios.md is written from this.

import {
  type Distribution,
  isArithmetic,
  isSteadfast,
  type JobKind,
  mixFailsForGood,
  plainKind,
  type Scenario,
  type ScenarioSettings,
} from '@jobstorm/loadtest';
import { parseDurationMs } from '@jobstorm/program';
import { type Static, type TSchema, Type } from '@sinclair/typebox';
import { parseBursts, parseRamp } from './load-settings.ts';

const strict = { additionalProperties: false };
const durationText = String.raw`\d+(\.\d+)?(us|ms|s|m|h)?`;
const Duration = Type.Union([Type.Number({ minimum: 0 }), Type.String({ pattern: `^${durationText}$` })]);
const Bytes = Type.Integer({ minimum: 0, maximum: 1_000_000 });

/** A figure, or how it is spread over the jobs. */
const spread = <T extends TSchema>(Value: T) =>
  Type.Union([
    Value,
    Type.Object({ uniform: Type.Tuple([Value, Value]) }, strict),
    Type.Object({ exponential: Value }, strict),
    Type.Object({ lognormal: Type.Object({ median: Value, p95: Value }, strict) }, strict),
  ]);

const Kind = Type.Object(
  {
    type: Type.String({ pattern: '^[A-Za-z0-9._:-]{1,100}$' }),
    weight: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1e9 })),
    queue: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9._-]{1,200}$' })),
    queues: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    service: Type.Optional(spread(Duration)),
    bytes: Type.Optional(spread(Bytes)),
    fail: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    retry: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
    delay: Type.Optional(spread(Duration)),
  },
  strict,
);

const Load = Type.Object(
  {
    jobs: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000_000 })),
    rate: Type.Optional(Type.Number({ minimum: 0.01, maximum: 10_000_000 })),
    ramp: Type.Optional(Type.String()),
    burst: Type.Optional(Type.String()),
    tides: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    drain: Type.Optional(Type.Boolean()),
    duration: Type.Optional(Type.String({ pattern: `^${durationText}$` })),
    backlog: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000_000 })),
    phase: Type.Optional(Type.Union([Type.Literal('both'), Type.Literal('enqueue'), Type.Literal('process')])),
  },
  strict,
);

export const ScenarioDocument = Type.Object(
  {
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    about: Type.Optional(Type.String({ maxLength: 500 })),
    load: Type.Optional(Load),
    worker: Type.Optional(
      Type.Object(
        {
          concurrency: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
          cpus: Type.Optional(Type.Number({ minimum: 0.1, maximum: 1024 })),
        },
        strict,
      ),
    ),
    queue: Type.Optional(Type.String({ pattern: '^[a-zA-Z0-9._-]{1,200}$' })),
    via: Type.Optional(Type.Union([Type.Literal('batch'), Type.Literal('api'), Type.Literal('direct')])),
    jobs: Type.Array(Kind, { minItems: 1, maxItems: 100 }),
  },
  strict,
);
export type ScenarioDocument = Static<typeof ScenarioDocument>;
type KindDocument = ScenarioDocument['jobs'][number];

/** What is wrong, and where in the document. */
export interface Mistake {
  path: readonly (string | number)[];
  message: string;
}

const ms = (value: unknown): number => parseDurationMs(String(value));
const plain = (value: unknown): number => Number(value);

function distributionOf(value: NonNullable<KindDocument['service']>, read: (value: unknown) => number): Distribution {
  if (typeof value !== 'object') return { kind: 'fixed', value: read(value) };
  if ('uniform' in value) return { kind: 'uniform', from: read(value.uniform[0]), to: read(value.uniform[1]) };
  if ('exponential' in value) return { kind: 'exponential', mean: read(value.exponential) };
  return { kind: 'lognormal', median: read(value.lognormal.median), p95: read(value.lognormal.p95) };
}

const orNull = (value: KindDocument['service'], read: (value: unknown) => number): Distribution | null =>
  value === undefined ? null : distributionOf(value, read);

export function kindOf(k: KindDocument): JobKind {
  return {
    ...plainKind,
    jobtype: k.type,
    weight: k.weight ?? 1,
    queue: k.queue ?? null,
    queues: k.queues ?? 1,
    service: orNull(k.service, ms),
    bytes: orNull(k.bytes, plain),
    failShare: k.fail ?? 0,
    retry: k.retry ?? null,
    delay: orNull(k.delay, ms),
  };
}

/** What the document comes to. It fits the schema and has no mistakes. */
export function scenarioOf(document: ScenarioDocument, name: string): Scenario {
  const { load = {}, worker = {}, queue, via } = document;
  const { duration, ...pace } = load;
  const settings: ScenarioSettings = {
    ...pace,
    ...worker,
    ...(duration === undefined ? {} : { durationMs: ms(duration) }),
    ...(queue === undefined ? {} : { queue }),
    ...(via === undefined ? {} : { via }),
  };
  return { name: document.name ?? name, about: document.about ?? '', settings, kinds: document.jobs.map(kindOf) };
}

const limitsMs = { service: 600_000, delay: 3_600_000 } as const;

function spreadMistakes(kind: KindDocument, at: number): Mistake[] {
  const mistakes: Mistake[] = [];
  const parsed = kindOf(kind);
  for (const field of ['service', 'bytes', 'delay'] as const) {
    const d = parsed[field];
    if (d === null) continue;
    const path = ['jobs', at, field];
    if (d.kind === 'uniform' && d.from > d.to) mistakes.push({ path, message: 'its first value is above its second' });
    if (d.kind === 'lognormal' && !(d.median > 0 && d.p95 > d.median)) {
      mistakes.push({ path, message: 'expected a median above 0 and a p95 above the median' });
    }
    const typical =
      d.kind === 'fixed' ? d.value : d.kind === 'uniform' ? d.to : d.kind === 'exponential' ? d.mean : d.p95;
    if (field !== 'bytes' && typical > limitsMs[field]) {
      mistakes.push({ path, message: `expected at most ${limitsMs[field] / 60_000} minutes` });
    }
  }
  return mistakes;
}

function kindMistakes(kind: KindDocument, at: number): Mistake[] {
  const mistakes = spreadMistakes(kind, at);
  const say = (field: keyof KindDocument, message: string) => mistakes.push({ path: ['jobs', at, field], message });
  const { type } = kind;
  if (kind.service !== undefined && type !== 'sleep' && type !== 'spin')
    say('service', 'is for jobs of type sleep or spin');
  if (kind.bytes !== undefined && isArithmetic(type))
    say('bytes', `jobs of type ${type} take two numbers and nothing else`);
  if (kind.fail !== undefined && !isSteadfast(type)) say('fail', 'is for job types that are built in');
  return mistakes;
}

/** What the schema can't say. @param fits whether what stands at that path is as the schema has it; the rest is not looked at */
export function meaningMistakes(document: ScenarioDocument, fits: (path: Mistake['path']) => boolean): Mistake[] {
  const jobs = fits(['jobs']) ? document.jobs : [];
  const mistakes = jobs.flatMap((kind, at) => (fits(['jobs', at]) ? kindMistakes(kind, at) : []));
  for (const [field, parse] of [
    ['ramp', parseRamp],
    ['burst', parseBursts],
  ] as const) {
    const text = fits(['load', field]) ? document.load?.[field] : undefined;
    if (text === undefined) continue;
    try {
      parse(text);
    } catch {
      const like = field === 'ramp' ? '1000:20000/60s' : '5000/10s';
      mistakes.push({ path: ['load', field], message: `expected the like of ${like}` });
    }
  }
  const whole = mistakes.length === 0 && jobs.every((_, at) => fits(['jobs', at]));
  if (whole && mixFailsForGood(jobs.map(kindOf)) === null) {
    const message =
      'either all jobs that may fail are retried (retry: 1 or more), or none: their failures are counted together';
    mistakes.push({ path: ['jobs'], message });
  }
  return mistakes;
}
