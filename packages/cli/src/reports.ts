// Writes a run's reports: the stream while it goes, the others once it is over, or has failed. Invariant: every file that was asked for
// is written whatever becomes of the run, and one that can't be written keeps none of the others from being written.

import {
  accessSync,
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type RunResult, type StreamLine, streamText, type Timeline } from '@jobstorm/loadtest';
import { SettingsError } from '@jobstorm/program';
import { JobstormError } from '@jobstorm/protocol';
import { Histogram } from '@jobstorm/telemetry';
import type { FeedLink } from './feed-link.ts';
import type { RunListener } from './recorder.ts';
import { hgrmText } from './report/hgrm.ts';
import { htmlReport } from './report/html.ts';
import { junitXml } from './report/junit.ts';
import { markdownText } from './report/markdown.ts';
import { type ReportValues, reportSettings } from './report-settings.ts';
import type { RunContext } from './run-context.ts';

type ReportName = Exclude<keyof ReportValues, 'stepSummary'>;
const reportNames: readonly ReportName[] = ['json', 'jsonl', 'html', 'junit', 'markdown', 'hgrm'];
const intervalS = 0.5;

function mistakeOf(name: ReportName, path: string): string | null {
  const folder = dirname(resolve(path));
  try {
    accessSync(existsSync(path) ? path : folder, constants.W_OK);
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('a folder');
    return null;
  } catch {
    const { flag } = reportSettings[name];
    return `--${flag}: got "${path}", expected a file in a folder that exists and can be written to`;
  }
}

/** @throws SettingsError with every path that can't be written to, before a run is started for it */
export function checkReportPaths(values: ReportValues): void {
  const mistakes = reportNames.map((name) => {
    const path = values[name];
    return path === null ? null : mistakeOf(name, path);
  });
  const found = mistakes.filter((mistake) => mistake !== null);
  if (found.length > 0) throw new SettingsError(found);
}

export class Reports {
  readonly #values: ReportValues;
  readonly #context: RunContext;
  #stream: number | null = null;
  #timeline: Timeline | null = null;
  #feed: FeedLink | null = null;
  #begun = false;
  #finished = false;
  readonly #failed: string[] = [];

  constructor(values: ReportValues, context: RunContext) {
    this.#values = values;
    this.#context = context;
  }

  /** A control room hears of the run too, from now on. */
  tellTo(feed: FeedLink): void {
    this.#feed = feed;
  }

  /** With the first line: until then more may become known of the run. */
  #begin(): void {
    this.#begun = true;
    this.#try('jsonl', (path) => {
      this.#stream = openSync(path, 'w');
    });
    const { plan, command, startedAtMs, config, environment } = this.#context;
    const run = { id: plan.run, startedAt: new Date(startedAtMs).toISOString(), command };
    const zeroMs = this.#timeline?.startedAtMs ?? null;
    this.tell({ type: 'header', streamVersion: 1, intervalS, zeroMs, run, config, environment });
  }

  /** Somebody takes the stream's lines. */
  get #isHeard(): boolean {
    return this.#feed !== null || this.#values.jsonl !== null;
  }

  /** What a run tells its stream. */
  get listener(): RunListener {
    return {
      onStart: (timeline) => {
        this.#timeline = timeline;
      },
      onSample: (sample) => this.tell({ type: 'sample', ...sample }),
      onMark: (mark) => this.tell({ type: 'mark', ...mark }),
      ...(this.#isHeard ? { onVerdict: (verdict) => this.tell({ type: 'verdict', ...verdict }) } : {}),
    };
  }

  #try(name: ReportName, write: (path: string) => void): void {
    const path = this.#values[name];
    if (path === null) return;
    try {
      write(path);
    } catch (error) {
      this.#failed.push(`the ${name} report can't be written to ${path}: ${(error as Error).message}`);
    }
  }

  /** One more line of the stream. */
  tell(line: StreamLine): void {
    if (!this.#begun) this.#begin();
    this.#feed?.tell(line);
    const stream = this.#stream;
    if (stream === null) return;
    this.#try('jsonl', () => {
      try {
        writeSync(stream, streamText(line));
      } catch (error) {
        this.#stream = null; // a full disk: the rest would have a hole in it
        closeSync(stream);
        throw error;
      }
    });
  }

  #writeMarkdown(path: string, text: string): void {
    const { stepSummary } = this.#values;
    if (stepSummary !== null && resolve(path) === resolve(stepSummary)) appendFileSync(path, text);
    else writeFileSync(path, text);
  }

  /** Writes them all; the first call counts. @throws JobstormError EREPORT naming those that can't be written, after the others were */
  finish(result: RunResult, endToEnd = new Histogram()): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#try('json', (path) => writeFileSync(path, `${JSON.stringify(result, null, 2)}\n`));
    this.#try('html', (path) => {
      const { samples = [], marks = [], startedAtMs = null } = this.#timeline ?? {};
      writeFileSync(path, htmlReport({ result, samples, marks, startedAtMs }));
    });
    this.#try('junit', (path) => writeFileSync(path, junitXml(result)));
    this.#try('markdown', (path) => this.#writeMarkdown(path, markdownText(result)));
    this.#try('hgrm', (path) => writeFileSync(path, hgrmText(endToEnd)));
    this.tell({ type: 'end', result });
    if (this.#stream !== null) closeSync(this.#stream);
    this.#stream = null;
    if (this.#failed.length > 0) throw new JobstormError('EREPORT', this.#failed.join('; '));
  }
}
