import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { makePlan, Timeline } from '@jobstorm/loadtest';
import { JobstormError } from '@jobstorm/protocol';
import { readPerfTest } from '../src/config.ts';
import { noReports } from '../src/report-settings.ts';
import { checkReportPaths, Reports } from '../src/reports.ts';
import { contextOf, failedResult } from '../src/run-context.ts';

const dir = mkdtempSync(join(tmpdir(), 'jobstorm-reports-'));
after(() => rmSync(dir, { recursive: true, force: true }));

const config = readPerfTest(['1000'], {});
const plan = makePlan({ run: 'r1', jobs: 1000, shape: config.shape, queue: 'q', via: 'batch', ratePerS: null });
const context = contextOf(config, ['1000'], plan);
const counts = {
  submitted: 3,
  accepted: 3,
  refused: 0,
  uncertain: 0,
  completed: 2,
  failed: 0,
  retried: 0,
  duplicated: 0,
};
const parts = { generator: null, api: null, server: null, workers: null };
const sample = { atS: 0.512_345, lengthS: 0.512_345, counts, latencyUs: null, queueDepth: 1, slots: null, parts };
const linesOf = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('Reports', () => {
  it('streams a header, what happens while it happens, and the end', () => {
    const jsonl = join(dir, 'run.jsonl');
    const reports = new Reports({ ...noReports, jsonl }, context);
    reports.listener.onSample!(sample);
    reports.listener.onMark!({ atS: 0.6, what: 'a worker came' });
    reports.listener.onVerdict!({
      bottleneck: 'slots',
      evidence: [],
      advice: '',
      scaling: { helps: 'neither', because: '' },
    });
    assert.deepEqual(
      linesOf(jsonl).map(({ type }) => type),
      ['header', 'sample', 'mark', 'verdict'],
    );
    reports.finish(failedResult(context, 'nobody was there'));
    const lines = linesOf(jsonl);
    assert.equal(lines.length, 5);
    assert.equal(new Reports(noReports, context).listener.onVerdict, undefined, 'nobody hears it');
    assert.deepEqual([lines[0].streamVersion, lines[0].run.id], [1, 'r1']);
    assert.deepEqual([lines[1].atS, lines[1].counts.completed], [0.512, 2]);
    assert.deepEqual(lines[4].result.invalidBecause, ['nobody was there']);
  });

  it('of a run that failed before its first sample, header and end are there', () => {
    const jsonl = join(dir, 'failed.jsonl');
    new Reports({ ...noReports, jsonl }, context).finish(failedResult(context, 'nobody was there'));
    assert.deepEqual(
      linesOf(jsonl).map(({ type }) => type),
      ['header', 'end'],
    );
  });

  it('a file that can’t be written keeps no other from being written, and is named', () => {
    const json = join(dir, 'good.json');
    const reports = new Reports({ ...noReports, json, jsonl: join(dir, 'nowhere', 'run.jsonl') }, context);
    reports.listener.onSample!(sample);
    assert.throws(
      () => reports.finish(failedResult(context, 'x')),
      (error) => error instanceof JobstormError && error.code === 'EREPORT' && /nowhere/.test(error.message),
    );
    assert.equal(JSON.parse(readFileSync(json, 'utf8')).run.id, 'r1');
  });

  it('of a run that failed, each is written with what there was', () => {
    const files = ['json', 'jsonl', 'html', 'junit', 'markdown', 'hgrm'] as const;
    const paths = Object.fromEntries(files.map((name) => [name, join(dir, `all.${name}`)]));
    const reports = new Reports({ ...noReports, ...paths }, context);
    const timeline = new Timeline();
    timeline.add({ atS: 0.5, counts, latency: null, queueDepth: 1, slots: null, parts });
    reports.listener.onStart!(timeline);
    reports.finish(failedResult(context, 'the control room went away'));
    for (const name of ['json', 'jsonl', 'html', 'junit', 'markdown'] as const) {
      assert.match(readFileSync(paths[name]!, 'utf8'), /the control room went away/, name);
    }
    assert.match(readFileSync(paths.html!, 'utf8'), /<figure class="plot" data-plot="rate">/);
    assert.match(readFileSync(paths.hgrm!, 'utf8'), /Total count {4}= {12}0/);
  });

  it('Markdown is appended to the file in which GitHub collects summaries, and replaces any other', () => {
    const [summary, other] = [join(dir, 'summary.md'), join(dir, 'other.md')];
    for (const path of [summary, other]) writeFileSync(path, 'what was there\n');
    for (const markdown of [summary, other]) {
      new Reports({ ...noReports, markdown, stepSummary: summary }, context).finish(failedResult(context, 'x'));
    }
    assert.match(readFileSync(summary, 'utf8'), /^what was there\n### ❌ jobstorm/);
    assert.match(readFileSync(other, 'utf8'), /^### ❌ jobstorm/);
  });

  it('is written once: what comes later does not replace it', () => {
    const json = join(dir, 'once.json');
    const reports = new Reports({ ...noReports, json }, context);
    reports.finish(failedResult(context, 'first'));
    reports.finish(failedResult(context, 'second'));
    assert.deepEqual(JSON.parse(readFileSync(json, 'utf8')).invalidBecause, ['first']);
  });

  it('paths are checked before anything starts, all of them together', () => {
    assert.throws(
      () => checkReportPaths({ ...noReports, json: join(dir, 'no', 'a'), jsonl: dir }),
      (error) => error instanceof JobstormError && /--json: got .*\n--jsonl: got /.test(error.message),
    );
    checkReportPaths({ ...noReports, json: join(dir, 'new.json') });
  });
});
