import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runResultSchema } from '@jobstorm/loadtest';
import { Histogram } from '@jobstorm/telemetry';
import { Value } from '@sinclair/typebox/value';
import { build } from 'hdr-histogram-js';
import { micros, whole } from '../../src/format.ts';
import { linearAxis, logAxis, timeAxis, timeText } from '../../src/report/axis.ts';
import { hgrmText } from '../../src/report/hgrm.ts';
import { htmlReport } from '../../src/report/html.ts';
import { junitXml } from '../../src/report/junit.ts';
import { markdownText } from '../../src/report/markdown.ts';
import { escapeJson, escapeText } from '../../src/report/markup.ts';
import { plotsOf } from '../../src/report/plots.ts';
import { rowsOf } from '../../src/report/waterfall.ts';
import { anHour, recordedResult } from './long-run.ts';

describe('markup', () => {
  it('lets no text become a tag, an attribute or an end of a script', () => {
    assert.equal(escapeText(`<a href="x" id='y'>&`), '&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;');
    const json = escapeJson({ text: '</script><!--\u2028' });
    assert.doesNotMatch(json, /[<>\u2028]/);
    assert.deepEqual(JSON.parse(json), { text: '</script><!--\u2028' });
  });

  it('replaces what XML can’t hold, and keeps what it can', () => {
    assert.equal(escapeText('a\u0000b\ud800c\ufffe'), 'a\ufffdb\ufffdc\ufffd');
    assert.equal(escapeText('tab\tline\nü 😀'), 'tab\tline\nü 😀');
  });
});

describe('axes', () => {
  it('stand on round values and hold all that there is', () => {
    const axis = linearAxis(0, 8373, 5);
    assert.deepEqual(axis.ticks, [0, 2000, 4000, 6000, 8000, 10_000]);
    assert.equal(axis.at(5000), 0.5);
    assert.ok(!Object.is(linearAxis(0, 3, 5).ticks[0], -0));
    const log = logAxis(2500, 80_000);
    assert.deepEqual([log.min, log.max], [1000, 100_000]);
    assert.equal(log.at(10_000), 0.5);
    assert.equal(log.at(0), 0);
  });

  it('count time as people do', () => {
    assert.deepEqual(timeAxis(3600).ticks, [0, 600, 1200, 1800, 2400, 3000, 3600]);
    assert.deepEqual([0.5, 45, 720, 750, 7200].map(timeText), ['0.5 s', '45 s', '12 min', '12:30 min', '2:00 h']);
  });
});

it('the recorded result is one, of a valid run that kept up', () => {
  const { valid, verdict } = recordedResult();
  assert.deepEqual([valid, verdict.bottleneck], [true, 'offered-rate']);
  assert.deepEqual([...Value.Errors(runResultSchema, recordedResult())], []);
});

it('what runs that took turns found is in both reports', () => {
  const result = recordedResult();
  const figure = { finding: 'worse', equalFinding: 'same', equalDiffer: 0.02 } as const;
  const cpuUsPerJob = { on: 5.3, off: 5, cost: 0.3, costLow: 0.1, costHigh: 0.5, ...figure };
  result.overhead = { cpuUsPerJob, completePerS: null, basis: '5 pairs' };
  const { config, throughput, latencyUs, cost, verdict } = result;
  const comparison = { finding: 'better', figures: [], basis: '4 pairs' } as NonNullable<
    typeof result.against
  >[number]['comparison'];
  result.against = [{ flags: 'via=<direct>', config, throughput, latencyUs, cost, verdict, comparison }];
  const html = htmlReport({ result, samples: [], marks: [], startedAtMs: null });
  const cpu = 'recording cost 0.30 (0.10 to 0.50) us of worker CPU a job, 5.30 with it and 5.00 without';
  assert.ok(
    html.includes(`<b>What recording costs</b><ul><li>${cpu}; two equal settings differed by 0.02: worse</li>`),
  );
  assert.ok(html.includes('With via=&lt;direct&gt;: better, judged by 4 pairs'));
  const markdown = markdownText(result);
  assert.ok(markdown.includes(`\n**What recording costs**: ${cpu}; two equal settings differed by 0.02: worse; rate`));
  assert.ok(markdown.includes('\n**With via=&lt;direct&gt;**: better, judged by 4 pairs\n'));
  assert.doesNotMatch(markdownText(recordedResult()), /What recording costs|\*\*With /);
});

describe('the HTML report', () => {
  const { samples, marks } = anHour();

  it('of an hour is a fraction of 5 MB', () => {
    const bytes = Buffer.byteLength(htmlReport({ result: recordedResult(), samples, marks, startedAtMs: null }));
    assert.ok(samples.length > 600 && bytes < 1_000_000, `${samples.length} samples, ${bytes} bytes`);
  });

  it('of a run without samples says so', () => {
    assert.match(
      htmlReport({ result: recordedResult(), samples: [], marks: [], startedAtMs: null }),
      /No plots: nothing was recorded/,
    );
  });

  it('marks the steady window in the run’s time, and tells of soaks, kills and baselines', () => {
    const result = recordedResult();
    const startedAtMs = result.precision.steadyWindow!.startMs - 600_000;
    result.soak = {
      stretches: 2,
      soakedS: 7200,
      slopes: [
        { what: 'memory <api>', unit: 'bytes', mean: 9e7, perHour: 4e6, low: 3e6, high: 5e6, verdict: 'growing' },
      ],
    };
    const kills = [{ atS: 3, what: 'worker 7', replacedS: 1.5, rateBackS: null }];
    const ledger = { accepted: 9, completed: 7, lost: 2, duplicated: 1, unreported: 0, unanswered: 0, held: 0 };
    result.chaos = { ledger, kills };
    const html = htmlReport({ result, samples, marks, startedAtMs });
    assert.match(html, /<rect class="window" x="154\.3" y="12" width="[\d.]+"/, 'a sixth of the hour in');
    assert.match(html, /memory &lt;api&gt;<\/td>.*\+4 MiB.*class="wrong">growing/);
    assert.match(html, /<td>lost<\/td><td class="wrong">2<\/td>/);
    assert.match(html, /worker 7<\/td><td>1\.50 s<\/td><td>–/);
  });

  it('breaks a line where nothing is known, and leaves parts out that were never seen', () => {
    const gap = samples.map((sample, at) =>
      at === 5
        ? { ...sample, latencyUs: null, queueDepth: null, parts: { ...sample.parts, api: null } }
        : { ...sample, parts: { ...sample.parts, api: null } },
    );
    const [, latency, queue, cpu] = plotsOf(gap, []);
    assert.equal(latency!.lines[0]!.values[5], null);
    assert.equal(queue!.lines[0]!.values[5], null);
    assert.deepEqual(
      cpu!.lines.map(({ name }) => name),
      ['generator', 'server', 'workers'],
    );
    const html = htmlReport({ result: recordedResult(), samples: gap, marks: [], startedAtMs: null });
    assert.ok(/class="line latency" d="([^"]*)"/.exec(html)![1]!.split('M').length === 3, 'two stretches');
  });

  it('the waterfall puts stretches behind each other and the whole below', () => {
    const rows = rowsOf(recordedResult().latencyUs, 'p50');
    assert.deepEqual(
      rows.map(({ name }) => name),
      ['send lag', 'accept', 'batch wait', 'push', 'queue wait', 'dispatch', 'service', 'acknowledge', 'end to end'],
    );
    assert.deepEqual([rows[0]!.fromUs, rows[1]!.fromUs], [0, 0], 'the send lag lies within accept');
    assert.equal(rows[2]!.fromUs, rows[1]!.us);
    assert.deepEqual([rows.at(-1)!.fromUs, rows.at(-1)!.us], [0, recordedResult().latencyUs.endToEnd!.p50]);
  });
});

it('without an api-service the waterfall begins with submit, which holds the send lag', () => {
  const latencyUs = { ...recordedResult().latencyUs, accept: null, batchWait: null, push: null };
  const [lag, submit, queue] = rowsOf(latencyUs, 'p50');
  assert.deepEqual([lag!.name, lag!.fromUs, submit!.name, submit!.fromUs], ['send lag', 0, 'submit', 0]);
  assert.equal(queue!.fromUs, submit!.us);
  const withheld = rowsOf({ ...recordedResult().latencyUs, accept: null }, 'p50');
  assert.equal(withheld[1]!.fromUs, withheld[0]!.us, 'with accept withheld the batch wait comes behind the send lag');
});

describe('JUnit and Markdown', () => {
  it('a threshold that failed is a failed test, what can’t be told is skipped', () => {
    const result = recordedResult();
    result.jobs.lost = null;
    result.notMeasured['jobs.lost'] = 'the run was "interrupted" <early>';
    const xml = junitXml(result);
    assert.match(xml, /tests="5" failures="1" errors="0" skipped="1"/);
    const measured = micros(result.latencyUs.endToEnd!.p99);
    assert.ok(xml.includes(`name="latency.p99&lt;1ms"><failure message="measured: ${measured}">`), xml);
    assert.match(xml, /<skipped message="the run was &quot;interrupted&quot; &lt;early&gt;"\/>/);
  });

  it('names lost jobs and an invalid measurement', () => {
    const result = recordedResult();
    result.jobs.lost = 3;
    result.valid = false;
    result.invalidBecause = ['the generator stood still'];
    assert.match(junitXml(result), /name="no job was lost"><failure message="3 jobs"/);
    assert.match(junitXml(result), /failure message="the generator stood still"/);
    const text = markdownText(result);
    assert.ok(text.startsWith(`### ❌ jobstorm: ${whole(result.throughput.completePerS!)} jobs/s\n`), text);
    assert.match(text, /- ❌ no job was lost: 3 jobs\n/);
  });

  it('what grows in a soak is a failure, what a chaos-test did twice is none', () => {
    const result = recordedResult();
    result.thresholds = [];
    result.jobs.duplicated = 4;
    const ledger = { accepted: 9, completed: 9, lost: 0, duplicated: 4, unreported: 0, unanswered: 0, held: 0 };
    assert.match(junitXml(result), /failures="1"/);
    result.chaos = { ledger, kills: [] };
    assert.match(junitXml(result), /failures="0"/);
    const slope = { unit: 'bytes', mean: 9e7, perHour: 4 << 20, low: 3 << 20, high: 5 << 20 } as const;
    const slopes = [
      { ...slope, what: 'memory api', verdict: 'growing' as const },
      { ...slope, what: 'memory server', verdict: 'flat' as const },
    ];
    result.soak = { stretches: 1, soakedS: 9, slopes };
    assert.match(junitXml(result), /failures="1"/);
    assert.match(markdownText(result), /- ❌ memory api does not grow: growing: \+4 MiB an hour/);
  });

  it('text of a run stays text in Markdown', () => {
    const result = recordedResult();
    result.verdict.evidence = ['a | b <script> *bold* [link](http://x)\nnext `code`'];
    result.run.command = 'jobstorm `x` | y';
    const text = markdownText(result);
    assert.ok(text.includes("`jobstorm 'x' \\| y`"));
    assert.ok(text.includes('a \\| b &lt;script&gt; \\*bold\\* \\[link\\](http://x) next \\`code\\`'));
  });
});

describe('hgrm', () => {
  const text = (values: readonly number[]): [ours: string, theirs: string] => {
    const ours = new Histogram();
    const theirs = build({ highestTrackableValue: 2 ** 42 - 1, numberOfSignificantValueDigits: 3, bitBucketSize: 64 });
    for (const value of values) {
      ours.record(value);
      theirs.recordValue(value);
    }
    return [hgrmText(ours), theirs.outputPercentileDistribution(5, 1000)];
  };
  const withoutBuckets = (all: string) => all.replace(/#\[Buckets.*\n/, '');

  it('is what HdrHistogram itself writes of the same values', () => {
    const values = Array.from({ length: 20_000 }, (_, at) => Math.floor(Math.exp(3 + ((at * 7919) % 20_000) / 1500)));
    for (const some of [values, [5], [5, 5, 5, 5000, 70_000_000], values.slice(0, 999), []]) {
      const [ours, theirs] = text(some);
      assert.equal(withoutBuckets(ours), withoutBuckets(theirs));
    }
  });
});
