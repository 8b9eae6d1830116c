// A run as a few lines of Markdown, for the summary page of a CI job.

import type { RunResult } from '@jobstorm/loadtest';
import { micros, whole } from '../format.ts';
import { phaseTitle } from '../result-words.ts';
import { type Check, checksOf } from './checks.ts';
import { findingsOf } from './findings.ts';

const or = (value: number | null | undefined, show: (value: number) => string): string =>
  value === null || value === undefined ? '–' : show(value);

/** Text that stays text: no tags, no table borders, no emphasis, no links. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[&<>]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character]!)
    .replace(/[\\`*_[\]|#!~]/g, '\\$&');
}

/** As code; a backtick in it can't be escaped, so it becomes a quote. */
function code(text: string): string {
  return `\`${text.replace(/\s+/g, ' ').replace(/`/g, "'").replace(/\|/g, '\\|')}\``;
}

function rowsOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)];
}

const sign = ({ passed }: Check): string => (passed === null ? '❔' : passed ? '✅' : '❌');

function latencyRows({ latencyUs }: RunResult): string[] {
  const rows = Object.entries(latencyUs).flatMap(([phase, p]) =>
    p ? [[phaseTitle(phase), ...[p.p50, p.p95, p.p99, p.max].map(micros)]] : [],
  );
  return rows.length === 0 ? [] : ['', ...rowsOf(['latency', 'p50', 'p95', 'p99', 'max'], rows)];
}

export function markdownText(r: RunResult): string {
  const { jobs, throughput, verdict } = r;
  const checks = checksOf(r);
  const good = checks.every(({ passed }) => passed);
  const window = throughput.steadyWindowS === null ? 'whole run' : `${throughput.steadyWindowS.toFixed(1)} s steady`;
  return [
    `### ${good ? '✅' : '❌'} jobstorm: ${or(throughput.completePerS, whole)} jobs/s`,
    '',
    code(r.run.command),
    '',
    ...rowsOf(
      ['completed', 'submitted/s', 'completed/s', 'failed', 'lost', 'duplicated'],
      [
        [
          `${whole(jobs.completed)} of ${whole(jobs.submitted)}`,
          or(throughput.submitPerS, whole),
          `${or(throughput.completePerS, whole)} (${window})`,
          whole(jobs.failed),
          or(jobs.lost, whole),
          whole(jobs.duplicated),
        ],
      ],
    ),
    ...latencyRows(r),
    '',
    `**Limited by ${plain(verdict.bottleneck)}**: ${verdict.evidence.map(plain).join('; ')}. Next: ${code(verdict.advice)}`,
    ...findingsOf(r).flatMap(({ title, sentences }) => ['', `**${plain(title)}**: ${sentences.map(plain).join('; ')}`]),
    '',
    ...checks.map((check) => `- ${sign(check)} ${plain(check.name)}${check.reason ? `: ${plain(check.reason)}` : ''}`),
    '',
    `<sub>${plain(r.environment.server)}, ${r.environment.cpus} cores, run ${plain(r.run.id)}</sub>`,
    '',
  ].join('\n');
}
