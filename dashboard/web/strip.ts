// The status strip and the verdict line: how fast, what limits it, what is being tried now.

import type { RunModel } from '../src/run-model.ts';
import { duration, percent, short, time, whole } from './format.ts';

interface Figure {
  words: string;
  value: string;
  kind?: 'rate' | 'latency' | 'bad';
}

type Json = Record<string, unknown>;
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Of a finished run its result's, else of the last seconds. */
function figuresOf(run: RunModel): Figure[] {
  const result = object(run.result);
  const jobs = object(result.jobs);
  const endToEnd = object(object(result.latencyUs).endToEnd);
  const latest = run.latestLatency;
  const rate = run.ended ? number(object(result.throughput).completePerS) : run.recentRate();
  const quantile = (name: 'p50' | 'p95' | 'p99') => duration(number(endToEnd[name]) ?? latest?.[name]);
  const completed = number(jobs.completed) ?? run.total('completed');
  const failed = number(jobs.failed) ?? run.total('failed');
  const lost = number(jobs.lost);
  const done = completed + failed;
  return [
    { words: run.ended ? 'jobs/s, steady' : 'jobs/s, now', value: whole(rate), kind: 'rate' },
    { words: 'p50', value: quantile('p50'), kind: 'latency' },
    { words: 'p95', value: quantile('p95'), kind: 'latency' },
    { words: 'p99', value: quantile('p99'), kind: 'latency' },
    { words: 'completed', value: whole(completed) },
    {
      words: 'failed',
      value: percent(done === 0 ? null : failed / done),
      ...(failed > 0 ? { kind: 'bad' as const } : {}),
    },
    { words: 'lost', value: whole(lost), ...((lost ?? 0) > 0 ? { kind: 'bad' as const } : {}) },
    ...bestOf(run),
  ];
}

function bestOf(run: RunModel): Figure[] {
  const best = run.bestTrial;
  if (!best) return [];
  const { slots, cpus } = best.setting;
  return [
    {
      words: `best so far: ${whole(slots)} slots, ${short(cpus)} CPUs`,
      value: whole(best.measured!.ratePerS),
      kind: 'rate',
    },
  ];
}

function figureElement({ words, value, kind }: Figure): HTMLElement {
  const element = document.createElement('div');
  if (kind) element.className = kind;
  const big = document.createElement('b');
  big.textContent = value;
  const small = document.createElement('small');
  small.textContent = words;
  element.append(big, small);
  return element;
}

export function drawStrip(strip: HTMLElement, run: RunModel | null): void {
  strip.replaceChildren(...(run ? figuresOf(run) : []).map(figureElement));
}

/** What limits it, its numbers, and the next thing to try. */
export function drawVerdict(line: HTMLElement, run: RunModel | null): void {
  const verdict = run?.verdict;
  if (!verdict) {
    line.replaceChildren(run && !run.ended ? 'what limits it is told once there is enough to go by' : '');
    return;
  }
  const limit = document.createElement('b');
  limit.textContent = `limit: ${verdict.bottleneck.replaceAll('-', ' ')}`;
  const advice = document.createElement('code');
  advice.textContent = verdict.advice;
  line.replaceChildren(limit, ` · ${verdict.evidence.join('; ')} → `, advice);
}

/** `trial 7 of ~14` */
export function trialText(run: RunModel | null): string {
  const last = [...(run?.trials.values() ?? [])].at(-1);
  return last ? `trial ${last.number} of ~${last.of}` : '';
}

export function elapsedText(run: RunModel | null): string {
  const last = run?.samples.at(-1);
  return last ? time(last.atS) : '';
}

/** Of the stage that goes on: 0 to 1; null: it has no end that is known. */
export function progressOf(run: RunModel | null): number | null {
  const stage = run?.stage;
  if (!run || run.ended || !stage?.lengthS) return null;
  return Math.min(1, Math.max(0, ((run.samples.at(-1)?.atS ?? 0) - stage.atS) / stage.lengthS));
}
