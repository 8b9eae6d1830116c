// The report's tables: every latency, every part's cost, the thresholds, and what the run was told.

import { type CpuPart, cpuParts, type RunResult } from '@jobstorm/loadtest';
import { bytes, micros } from '../format.ts';
import { phaseTitle, thresholdValue } from '../result-words.ts';
import { escapeText as esc } from './markup.ts';

export type Cell = string | { text: string; as: string };

const cellHtml = (cell: Cell): string =>
  typeof cell === 'string' ? `<td>${esc(cell)}</td>` : `<td class="${cell.as}">${esc(cell.text)}</td>`;

export function tableHtml(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const headHtml = head.map((name) => `<th>${esc(name)}</th>`).join('');
  const body = rows.map((row) => `<tr>${row.map(cellHtml).join('')}</tr>`).join('');
  return `<section class="card"><h2>${esc(title)}</h2><table><tr>${headHtml}</tr>${body}</table></section>`;
}

const or = (value: number | null | undefined, show: (value: number) => string): string =>
  value === null || value === undefined ? '–' : show(value);

function latencyTable({ latencyUs }: RunResult): string {
  const rows = Object.entries(latencyUs).flatMap(([phase, found]) => {
    if (!found) return [];
    const name: Cell = phase === 'endToEnd' ? phaseTitle(phase) : { text: phaseTitle(phase), as: 'inner' };
    return [
      [name, ...[found.p50, found.p90, found.p95, found.p99].map(micros), or(found.p999, micros), micros(found.max)],
    ];
  });
  return tableHtml('Latency', ['', 'p50', 'p90', 'p95', 'p99', 'p99.9', 'max'], rows);
}

function partTable({ cpu, cost }: RunResult): string {
  const per1k: Partial<Record<CpuPart, number | null>> = {
    api: cost.apiCoreSecondsPer1kJobs,
    server: cost.serverCoreSecondsPer1kJobs,
    workers: cost.workerCoreSecondsPer1kJobs,
  };
  const rss: Partial<Record<CpuPart, number | null>> = { server: cost.serverRssBytes, workers: cost.workerRssBytes };
  const rows = cpuParts.map((part) => {
    const use = cpu[part];
    return [
      part,
      or(use?.usedCores, (cores) => cores.toFixed(2)),
      or(use?.capCores, (cores) => cores.toFixed(1)),
      or(use?.percentOfCap, (percent) => `${Math.round(percent)}%`),
      or(use?.throttledShare, (share) => `${Math.round(share * 100)}%`),
      or(per1k[part], (value) => value.toFixed(4)),
      or(rss[part], bytes),
    ];
  });
  return tableHtml('Parts', ['', 'cores', 'cap', 'of cap', 'throttled', 'core-s / 1,000 jobs', 'memory'], rows);
}

function thresholdTable({ thresholds }: RunResult): string {
  if (thresholds.length === 0) return '';
  const rows = thresholds.map(({ expression, value, passed }): Cell[] => [
    expression,
    thresholdValue(expression, value),
    passed ? { text: 'passed', as: 'good' } : { text: 'FAILED', as: 'wrong' },
  ]);
  return tableHtml('Thresholds', ['', 'measured', ''], rows);
}

function pairs(entries: readonly (readonly [string, unknown])[]): string {
  const rows = entries.map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `<tr><td>${esc(name)}</td><td class="words">${esc(text ?? '')}</td></tr>`;
  });
  return `<table>${rows.join('')}</table>`;
}

function detailsHtml({ config, notMeasured }: RunResult): string {
  const told = Object.entries(config).filter(([, value]) => value !== null);
  const gaps = Object.entries(notMeasured);
  const settings = `<details class="card"><summary>Settings</summary>${pairs(told)}</details>`;
  if (gaps.length === 0) return settings;
  return `${settings}<details class="card"><summary>What was not measured, and why</summary>${pairs(gaps)}</details>`;
}

export function tablesHtml(r: RunResult): string {
  return `<section class="tables">${latencyTable(r)}<div>${partTable(r)}${thresholdTable(r)}</div></section>${detailsHtml(r)}`;
}
