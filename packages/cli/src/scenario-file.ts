// Reads a scenario from YAML. Invariant: every mistake is reported together, each with its line and column, and nothing that is not
// understood is passed over.

import type { Scenario } from '@jobstorm/loadtest';
import { SettingsError } from '@jobstorm/program';
import { Value, type ValueError } from '@sinclair/typebox/value';
import { type Document, isNode, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { type Mistake, meaningMistakes, ScenarioDocument, scenarioOf } from './scenario-schema.ts';

/** Aliases that are followed: a file that unfolds into a thousand times its size is none of ours. */
const mostAliases = 100;
const shownChars = 40;

type Path = Mistake['path'];

/** `/jobs/0/weight` as the schema's checker writes it. */
function pathOf(pointer: string): Path {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

/** Where in the text that value stands, or its key where the key is the mistake; what is not there stands where its parent does. */
function offsetOf(document: Document, path: Path, atKey: boolean): number {
  if (atKey) {
    const parent = document.getIn(path.slice(0, -1), true);
    let offset: number | undefined;
    visit(isNode(parent) ? parent : null, {
      Pair(_, pair) {
        if (offset === undefined && isPair(pair) && isScalar(pair.key) && pair.key.value === path.at(-1)) {
          offset = pair.key.range?.[0];
        }
      },
    });
    if (offset !== undefined) return offset;
  }
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shownChars ? `${text.slice(0, shownChars)}…` : text;
}

interface Found {
  path: Path;
  message: string;
  atKey: boolean;
}

/** A mistake by the schema, in words. */
function describe({ path: pointer, message, value, schema }: ValueError): Found {
  const path = pathOf(pointer);
  const name = path.join('.');
  if (message === 'Unexpected property') return { path, message: `"${path.at(-1)}" is not known here`, atKey: true };
  if (value === undefined) return { path, message: `${name} is missing`, atKey: false };
  const literals = (schema.anyOf as { const?: unknown }[] | undefined)?.map((each) => each.const);
  const hint = literals?.every((each) => each !== undefined) ? `Expected ${literals.join(', ')}` : message;
  const expected =
    hint === 'Expected union value' ? 'Expected a value, or uniform, exponential or lognormal with their values' : hint;
  const plain = expected.replace(/^Expected string to match .*/, 'expected a name or a duration in its usual form');
  return {
    path,
    message: `${name}: got ${shown(value)}, ${plain.charAt(0).toLowerCase()}${plain.slice(1)}`,
    atKey: false,
  };
}

function schemaMistakes(value: unknown): Found[] {
  const seen = new Set<string>();
  return [...Value.Errors(ScenarioDocument, value)]
    .filter(({ path }) => !seen.has(path) && seen.add(path))
    .map(describe);
}

/** No mistake stands at that path or above it, nor, for a single kind of jobs, below it. */
function fits(value: unknown, path: Path, wrong: readonly Path[]): boolean {
  const isObject = typeof value === 'object' && value !== null;
  return (
    isObject &&
    !wrong.some(
      (other) =>
        path.every((part, at) => other.length <= at || other[at] === part) && (path.length > 1 || other.length <= 1),
    )
  );
}

/**
 * @param text the file
 * @param file its path, as messages show it
 * @param name what the scenario is called when it doesn't say so itself
 * @throws SettingsError with every mistake, each as `FILE:LINE:COLUMN: …`
 */
export function readScenario(text: string, file: string, name: string): Scenario {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter });
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    throw new SettingsError(
      document.errors.map(({ pos, message }) => `${at(pos[0])}: ${message.split(' at line ')[0]}`),
    );
  }
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: mostAliases });
  } catch (error) {
    throw new SettingsError([`${at(0)}: ${(error as Error).message}`]);
  }
  const found = schemaMistakes(value);
  const wrong = found.map(({ path }) => path);
  const more = meaningMistakes((value ?? {}) as ScenarioDocument, (path) => fits(value, path, wrong));
  found.push(...more.map(({ path, message }) => ({ path, message: `${path.join('.')}: ${message}`, atKey: false })));
  if (found.length === 0) return scenarioOf(value as ScenarioDocument, name);
  throw new SettingsError(
    found
      .map(({ path, message, atKey }) => ({ message, offset: offsetOf(document, path, atKey) }))
      .sort((a, b) => a.offset - b.offset)
      .map(({ message, offset }) => `${at(offset)}: ${message}`),
  );
}
