import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { Value } from '@sinclair/typebox/value';
import { buildResult } from '../src/build-result.ts';
import type { RunResult } from '../src/result.ts';
import { runResultSchema } from '../src/result-schema.ts';
import { someMeasured } from './fixtures.ts';

const mend = 'see packages/loadtest/src/result-schema.ts, then: node --import tsx bin/schemas.mjs';

function mistakes(result: unknown): string[] {
  return [...Value.Errors(runResultSchema, result)].map(({ path, message }) => `${path}: ${message}`);
}

type Node = { properties?: Record<string, Node>; anyOf?: Node[]; items?: Node; patternProperties?: unknown };

/** Paths of what the schema does not name. */
function unnamed(value: unknown, schema: Node, path = ''): string[] {
  const choice = schema.anyOf?.find(({ properties, items }) => properties || items) ?? schema;
  if (Array.isArray(value)) return value.flatMap((item, at) => unnamed(item, choice.items ?? {}, `${path}/${at}`));
  if (value === null || typeof value !== 'object' || !choice.properties) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = choice.properties![name];
    return known ? unnamed(inner, known, `${path}/${name}`) : [`${path}/${name}`];
  });
}

describe('the schema of a result', () => {
  it('is the one that is published', () => {
    const path = new URL('../../../docs/result.schema.json', import.meta.url);
    const { $schema, ...published } = JSON.parse(readFileSync(path, 'utf8'));
    assert.match($schema, /2020-12/);
    assert.deepEqual(published, JSON.parse(JSON.stringify(runResultSchema)), mend);
  });

  const asWritten = (result: RunResult): RunResult => JSON.parse(JSON.stringify(result));
  const complete = asWritten(buildResult(someMeasured()));
  const nothing = { usage: null, capCores: null };
  const bare = asWritten(
    buildResult(
      someMeasured({
        phases: {},
        depths: [],
        slots: null,
        loopDelay: null,
        parts: { generator: nothing, api: nothing, server: nothing, workers: nothing },
      }),
    ),
  );

  it('holds for a run that was measured in every way, and for one that was in none', () => {
    assert.deepEqual([mistakes(complete), mistakes(bare)], [[], []]);
  });

  it('names every field that a result has', () => {
    assert.deepEqual(unnamed(complete, runResultSchema as Node), [], mend);
    assert.deepEqual(unnamed(bare, runResultSchema as Node), [], mend);
  });

  it('refuses another version, a missing figure, and 0 for what is no number', () => {
    const { throughput: _, ...without } = complete;
    const cases: unknown[] = [
      { ...complete, schemaVersion: 2 },
      without,
      { ...complete, jobs: { ...complete.jobs, lost: '0' } },
      { ...complete, jobs: { ...complete.jobs, completed: -1 } },
      { ...complete, latencyUs: { ...complete.latencyUs, endToEnd: { p50: 1 } } },
    ];
    for (const each of cases) assert.notEqual(mistakes(each).length, 0, JSON.stringify(each).slice(0, 80));
  });
});
