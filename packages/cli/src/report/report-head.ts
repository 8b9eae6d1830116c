// The report's first screen: which run, how fast, and what limited it.

import type { RunResult } from '@jobstorm/loadtest';
import { micros, whole } from '../format.ts';
import { intervalText, thresholdValue } from '../result-words.ts';
import { escapeText as esc } from './markup.ts';

const or = (value: number | null | undefined, show: (value: number) => string): string =>
  value === null || value === undefined ? '–' : show(value);

interface Figure {
  value: string;
  unit?: string;
  name: string;
  bad?: boolean;
  first?: boolean;
}

function figureHtml({ value, unit, name, bad, first }: Figure): string {
  const classes = [...(first ? ['first'] : []), ...(bad ? ['bad'] : [])].join(' ');
  return `<div class="${classes}"><b>${esc(value)}${unit ? ` <small>${esc(unit)}</small>` : ''}</b><span>${esc(name)}</span></div>`;
}

function figuresOf(r: RunResult): Figure[] {
  const { jobs, throughput, latencyUs } = r;
  const all = latencyUs.endToEnd;
  const over =
    throughput.steadyWindowS === null
      ? 'completed, over the whole run'
      : `completed, steady for ${throughput.steadyWindowS.toFixed(1)} s${intervalText(r)}`;
  return [
    { value: or(throughput.completePerS, whole), unit: 'jobs/s', name: over, first: true },
    { value: or(all?.p50, micros), name: 'p50 latency' },
    { value: or(all?.p95, micros), name: 'p95' },
    { value: or(all?.p99, micros), name: 'p99' },
    { value: whole(jobs.completed), name: `of ${whole(jobs.submitted)} jobs completed` },
    { value: whole(jobs.failed), name: 'failed', bad: jobs.failed > 0 },
    { value: or(jobs.lost, whole), name: 'lost', bad: (jobs.lost ?? 0) > 0 },
    { value: whole(jobs.duplicated), name: 'duplicated', bad: jobs.duplicated > 0 },
  ];
}

export function headHtml(r: RunResult): string {
  const { id, startedAt, command } = r.run;
  const { server, os, cpus, node } = r.environment;
  return (
    `<header><h1>jobstorm</h1><p>run ${esc(id)}</p><p>${esc(startedAt.replace('T', ' ').replace(/\.\d+Z$/, ' UTC'))}</p>` +
    `<p>${esc(server)}</p><p>${esc(os)}, ${cpus} cores, Node ${esc(node)}</p><code class="command">${esc(command)}</code></header>` +
    `<section class="card strip">${figuresOf(r).map(figureHtml).join('')}</section>`
  );
}

const listHtml = (sentences: readonly string[]): string =>
  `<ul>${sentences.map((sentence) => `<li>${esc(sentence)}</li>`).join('')}</ul>`;

const faultsHtml = (title: string, sentences: readonly string[]): string =>
  sentences.length === 0 ? '' : `<section class="card faults"><b>${esc(title)}</b>${listHtml(sentences)}</section>\n`;

/** Advice is a command where there is one. */
const adviceHtml = (advice: string): string =>
  /^(\w+=\S+ )*just /.test(advice) ? `<code>${esc(advice)}</code>` : esc(advice);

export function verdictHtml({ verdict, invalidBecause, thresholds, notes }: RunResult): string {
  const failed = thresholds
    .filter(({ passed }) => !passed)
    .map(({ expression, value }) => `${expression}: ${thresholdValue(expression, value)}`);
  return (
    `${faultsHtml('This measurement is not valid', invalidBecause)}${faultsHtml('Not kept', failed)}<section class="card verdict"><p>Limited by <b>${esc(verdict.bottleneck)}</b></p>${listHtml(verdict.evidence)}` +
    `<p>Next: ${adviceHtml(verdict.advice)}</p>${notes.map((note) => `<p class="note">${esc(note)}</p>`).join('')}</section>`
  );
}
