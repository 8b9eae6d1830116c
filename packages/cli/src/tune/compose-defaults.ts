// Makes a setting the default of the compose files: what stands behind the dash of ${NAME:-VALUE}. YAML is read to find those places and
// the text is changed there alone, so that comments and layout stay byte for byte; the old value is noted in a comment on its line.

import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Setting } from '@jobstorm/loadtest';
import { SettingsError } from '@jobstorm/program';
import { isScalar, parseDocument, visit } from 'yaml';

/** Names of settings in that file, and their new values. */
type Defaults = Readonly<Record<string, string>>;

/** `4` → `4.0`, as the guide writes CPUs. */
export const cpusText = (cpus: number) => (Number.isInteger(cpus) ? cpus.toFixed(1) : String(cpus));

/** `text` with those defaults. @throws SettingsError when one of them has no place in it, or the text is no YAML */
export function withDefaults(text: string, defaults: Defaults, today: string): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new SettingsError([`it is no YAML: ${document.errors[0]!.message}`]);
  const edits: { from: number; to: number; value: string; name: string }[] = [];
  visit(document, (_key, node) => {
    if (!isScalar(node) || typeof node.value !== 'string' || !node.range) return;
    const [from, to] = node.range;
    for (const [name, value] of Object.entries(defaults)) {
      const found = new RegExp(`\\$\\{${name}:-([^}]*)\\}`).exec(text.slice(from, to));
      if (!found) continue;
      const at = from + found.index + `\${${name}:-`.length;
      edits.push({ from: at, to: at + found[1]!.length, value, name });
    }
  });
  const missing = Object.keys(defaults).filter((name) => !edits.some((edit) => edit.name === name));
  if (missing.length > 0) throw new SettingsError([`it has no default of ${missing.join(', ')}, like \${NAME:-VALUE}`]);
  let changed = text;
  for (const { from, to, value } of edits.sort((a, b) => b.from - a.from)) {
    const old = changed.slice(from, to);
    if (old === value) continue;
    const lineEnd = changed.indexOf('\n', to) === -1 ? changed.length : changed.indexOf('\n', to);
    // A note of an earlier tuning gives way to this one's.
    const rest = changed
      .slice(to, lineEnd)
      .replace(/;? ?(?:# )?was [^;]*, tuned \d{4}-\d\d-\d\d$/, '')
      .trimEnd();
    const note = rest.includes(' # ') ? `; was ${old}, tuned ${today}` : ` # was ${old}, tuned ${today}`;
    changed = changed.slice(0, from) + value + rest + note + changed.slice(lineEnd);
  }
  return changed;
}

/** Both files of `dir` have a place for what `saveDefaults` will write. @throws SettingsError naming what can't be done */
export function requireDefaults(dir: string): void {
  changesFor(dir, { slots: 1, cpus: 1, batchSize: 1, batchDelayMs: 1 }, '');
}

/** What is kept: of each worker, and of the api-service where batches were tuned. */
export type Kept = Pick<Setting, 'slots' | 'cpus'> & Partial<Pick<Setting, 'batchSize' | 'batchDelayMs'>>;

/** Writes the files of `dir`; returns the names of those that changed. @throws SettingsError naming what can't be done */
export function saveDefaults(dir: string, setting: Kept, today: string): string[] {
  const changed = changesFor(dir, setting, today).filter(({ before, after }) => before !== after);
  for (const { path, after } of changed) {
    writeFileSync(`${path}.${process.pid}.tmp`, after);
    renameSync(`${path}.${process.pid}.tmp`, path);
  }
  return changed.map(({ name }) => name);
}

function changesFor(dir: string, { slots, cpus, batchSize, batchDelayMs }: Kept, today: string) {
  const files: Record<string, Defaults> = {
    'docker-compose.worker.yml': { WORKER_CONCURRENCY: String(slots), WORKER_CPUS: cpusText(cpus) },
    'docker-compose.server.yml': {
      ...(batchSize === undefined ? {} : { BATCH_MAX_SIZE: String(batchSize) }),
      ...(batchDelayMs === undefined ? {} : { BATCH_MAX_DELAY_MS: String(batchDelayMs) }),
    },
  };
  return Object.entries(files).map(([name, defaults]) => {
    const path = join(dir, name);
    try {
      const before = readFileSync(path, 'utf8');
      return { name, path, before, after: withDefaults(before, defaults, today) };
    } catch (error) {
      throw new SettingsError([`--save: ${path} can't be changed: ${(error as Error).message}`]);
    }
  });
}
