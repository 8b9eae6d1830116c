// What the doctor finds: a line each, with the remedy beside it.

import type { Terminal } from '../../terminal.ts';

/** ok; warn: it works, though not as well as it could; fix: something will fail or be wrong. */
export type FindingState = 'ok' | 'warn' | 'fix';

export interface Finding {
  /** The same in every version, for scripts. */
  id: string;
  state: FindingState;
  text: string;
  /** What to do; null: nothing. */
  remedy: string | null;
}

export const ok = (id: string, text: string): Finding => ({ id, state: 'ok', text, remedy: null });
export const warn = (id: string, text: string, remedy: string): Finding => ({ id, state: 'warn', text, remedy });
export const fix = (id: string, text: string, remedy: string): Finding => ({ id, state: 'fix', text, remedy });

export function findingLine({ id, state, text, remedy }: Finding, t: Terminal): string {
  const paint = { ok: t.green, warn: t.yellow, fix: t.red }[state];
  const head = `${paint(state.padEnd(4))}  ${id.padEnd(11)}  ${text}`;
  return remedy === null ? head : `${head}  ${t.bold(`→ ${remedy}`)}`;
}

const count = (n: number, what: string) => `${n} ${n === 1 ? what : `${what}s`}`;

/** The last line: how it stands. */
export function verdictLine(findings: readonly Finding[]): string {
  const fixes = findings.filter(({ state }) => state === 'fix').length;
  const warnings = findings.filter(({ state }) => state === 'warn').length;
  const noted = warnings > 0 ? `, ${count(warnings, 'warning')}` : '';
  return fixes === 0 ? `nothing has to be fixed${noted}` : `${count(fixes, 'thing')} to fix${noted}`;
}
