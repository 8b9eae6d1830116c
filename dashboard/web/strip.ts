// The status strip and the verdict line: how fast, what limits it, what is being tried now.

import type { RunModel, Sample } from '../src/run-model.ts';
import { plainAdvice } from './command-text.ts';
import { differenceText, type Interval } from './difference.ts';
import { duration, percent, short, time, whole } from './format.ts';
import { setText } from './text.ts';

interface Figure {
  words: string;
  value: string;
  kind?: 'rate' | 'latency' | 'bad';
  /** How far the run that is laid over differs. */
  other?: string;
}

type Json = Record<string, unknown>;
const object = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {});
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);

type Quantile = 'p50' | 'p95' | 'p99';
/** Goes without saying. */
const plainGoal = 'the highest rate';
const quantiles: readonly Quantile[] = ['p50', 'p95', 'p99'];

/** Of a finished run its result's, else of the last seconds. */
function rateOf(run: RunModel): number | null {
  return run.ended ? number(object(object(run.result).throughput).completePerS) : run.recentRate();
}

function quantileOf(run: RunModel, name: Quantile): number | null {
  const endToEnd = object(object(object(run.result).latencyUs).endToEnd);
  return number(endToEnd[name]) ?? run.latestLatency?.[name] ?? null;
}

function intervalOf(run: RunModel, name: Quantile | 'completePerS'): Interval | null {
  const precision = object(object(run.result).precision);
  const { low, high } = object(name === 'completePerS' ? precision[name] : object(precision.latencyUs)[name]);
  return typeof low === 'number' && typeof high === 'number' ? [low, high] : null;
}

function jobsOf(run: RunModel): Figure[] {
  const jobs = object(object(run.result).jobs);
  const completed = number(jobs.completed) ?? run.total('completed');
  const failed = number(jobs.failed) ?? run.total('failed');
  const lost = number(jobs.lost);
  const done = completed + failed;
  const bad = (is: boolean) => (is ? { kind: 'bad' as const } : {});
  return [
    { words: 'completed', value: whole(completed) },
    { words: 'failed', value: percent(done === 0 ? null : failed / done), ...bad(failed > 0) },
    { words: 'lost', value: whole(lost), ...bad((lost ?? 0) > 0) },
  ];
}

function figuresOf(run: RunModel, other: RunModel | null): Figure[] {
  const rate = rateOf(run);
  const of = (name: Quantile | 'completePerS') => [intervalOf(run, name), other && intervalOf(other, name)] as const;
  const against = (text: string) => (text === '' ? {} : { other: text });
  return [
    {
      words: run.ended ? 'jobs/s, steady' : 'jobs/s, now',
      value: whole(rate),
      kind: 'rate',
      ...(other ? against(differenceText(rate, rateOf(other), of('completePerS'))) : {}),
    },
    ...quantiles.map((name) => ({
      words: name,
      value: duration(quantileOf(run, name)),
      kind: 'latency' as const,
      ...(other ? against(differenceText(quantileOf(run, name), quantileOf(other, name), of(name))) : {}),
    })),
    ...jobsOf(run),
    ...bestOf(run),
  ];
}

/** Of the half second at that moment. */
function figuresAt({ atS, lengthS, counts, latencyUs, queueDepth, oldestJobS, slots }: Sample): Figure[] {
  return [
    { words: `jobs/s at ${time(atS)}`, value: whole((counts.completed ?? 0) / lengthS), kind: 'rate' },
    ...quantiles.map((name) => ({ words: name, value: duration(latencyUs?.[name]), kind: 'latency' as const })),
    { words: 'failed/s', value: short((counts.failed ?? 0) / lengthS) },
    { words: `jobs waiting${oldestText(oldestJobS)}`, value: whole(queueDepth) },
    { words: `of ${whole(slots?.total)} slots busy`, value: whole(slots?.running) },
  ];
}

/** To be put after how many wait. */
export function oldestText(oldestJobS: number | null | undefined): string {
  return oldestJobS == null ? '' : `, the oldest for ${time(oldestJobS)}`;
}

function bestOf(run: RunModel): Figure[] {
  const best = run.bestTrial;
  if (!best) return [];
  const { slots, cpus } = best.setting;
  const goal = best.goal && best.goal !== plainGoal ? ` (${best.goal})` : '';
  const words = `${run.found ? 'found' : 'best so far'}: ${whole(slots)} slots, ${short(cpus)} CPU${cpus === 1 ? '' : 's'}${goal}`;
  return [{ words, value: whole(run.found?.ratePerS ?? best.measured!.ratePerS), kind: 'rate' }];
}

function newFigure(): HTMLElement {
  const element = document.createElement('div');
  element.append(...['b', 'small', 'small'].map((name) => document.createElement(name)));
  element.lastElementChild!.className = 'other';
  return element;
}

/** Brought up to date in place: the same elements as long as there are as many. */
function fillFigure(element: HTMLElement, { words, value, kind, other = '' }: Figure): void {
  const [big, small, line] = element.children as unknown as [HTMLElement, HTMLElement, HTMLElement];
  element.className = kind ?? '';
  setText(big, value);
  setText(small, words);
  setText(line, other);
  line.hidden = other === '';
}

/** `momentS`: of that moment of a record; null: of the whole run, or of now. */
export function drawStrip(
  strip: HTMLElement,
  run: RunModel | null,
  { other = null, momentS = null }: { other?: RunModel | null; momentS?: number | null } = {},
): void {
  const sample = run && momentS !== null ? run.sampleAt(momentS) : null;
  const figures = sample ? figuresAt(sample) : run ? figuresOf(run, other) : [];
  while (strip.children.length > figures.length) strip.lastElementChild!.remove();
  for (const [at, figure] of figures.entries())
    fillFigure((strip.children[at] as HTMLElement | undefined) ?? strip.appendChild(newFigure()), figure);
}

/** What limits it, its numbers, and the next thing to try. */
export function drawVerdict(line: HTMLElement, run: RunModel | null): void {
  const verdict = run?.verdict;
  const key = `${run?.id} ${run?.ended} ${JSON.stringify(verdict)}`;
  if (line.dataset.of === key) return; // or it would be read out again
  line.dataset.of = key;
  if (!verdict) {
    line.replaceChildren(run && !run.ended ? 'what limits it is told once there is enough to go by' : '');
    return;
  }
  const limit = document.createElement('b');
  limit.textContent = `limit: ${verdict.bottleneck.replaceAll('-', ' ')}`;
  const advice = document.createElement('code');
  advice.textContent = plainAdvice(verdict.advice, run.command);
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
