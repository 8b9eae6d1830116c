import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunResult } from '@jobstorm/loadtest';
import type { ApiSettings } from '@jobstorm/telemetry';
import { BatchSwitch, batchingFinding, withBatching } from '../src/batching.ts';
import type { Cluster } from '../src/cluster.ts';
import { readPerfTest } from '../src/config.ts';
import { recordedResult } from './report/long-run.ts';
import { jsonPath, readResult, runCli } from './run-cli.ts';

test('--batching: five runs each unless told, as told and with each job alone', () => {
  const asked = (...argv: string[]) => withBatching(readPerfTest(['--batching', ...argv], {}));
  assert.deepEqual([asked().values.repeats, asked('--repeats', '3').values.repeats], [5, 3]);
  const { batchesOff, turns } = asked();
  assert.deepEqual([batchesOff, ...turns.map(({ config }) => config.batchesOff)], [undefined, true]);
  const mistakes = [
    [['--against', 'concurrency=7'], /--batching and --against each say/],
    [['--overhead'], /--overhead and --batching each say/],
    [['--via', 'direct'], /--via direct goes past it/],
    [['--phase', 'process'], /leave --phase process out/],
  ] as const;
  for (const [argv, said] of mistakes) assert.throws(() => asked(...argv), said);
});

/** A control room that knows so many api-services, each with batches of its own, and what it was asked for. */
function aRoom(...inForce: ApiSettings[]) {
  const apis = inForce.map((settings, at) => ({ hello: { group: `api-${at}` }, settings }));
  const room = {
    apis: async () => apis,
    async configure(group: string, wanted: ApiSettings) {
      const api = apis.find(({ hello }) => hello.group === group)!;
      if (wanted.batchMaxSize === 1 && api.settings.batchAuto === false)
        return { inForce: api.settings, refusal: 'not now' };
      api.settings = { ...api.settings, ...wanted };
      return { inForce: api.settings, refusal: null };
    },
  };
  return { cluster: { room, apiUrl: 'http://a:3000' } as unknown as Cluster, apis };
}

test('batches go off in every api-service, and back to what each had', async () => {
  const { cluster, apis } = aRoom(
    { batchMaxSize: 100, batchMaxDelayMs: 100 },
    { batchMaxSize: 30, batchMaxDelayMs: 5 },
  );
  const sizes = () => apis.map(({ settings }) => settings.batchMaxSize);
  const on = readPerfTest([], {});
  const off = { ...on, batchesOff: true };
  const batches = await BatchSwitch.open(cluster);
  await batches.turn(on);
  assert.deepEqual(sizes(), [100, 30]);
  await batches.turn(off);
  assert.deepEqual(sizes(), [1, 1]);
  await batches.turn(on);
  assert.deepEqual(sizes(), [100, 30]);
  await batches.turn(off);
  await batches.close();
  assert.deepEqual(
    apis.map(({ settings }) => settings),
    [
      { batchMaxSize: 100, batchMaxDelayMs: 100 },
      { batchMaxSize: 30, batchMaxDelayMs: 5 },
    ],
  );
});

test('an api-service that the control room does not know, and one that refuses, are errors that say so', async () => {
  await assert.rejects(
    BatchSwitch.open(aRoom().cluster),
    /no api-service reports to it: start the one at http:\/\/a:3000/,
  );
  const { cluster } = aRoom({ batchMaxSize: 100, batchMaxDelayMs: 100, batchAuto: false });
  const batches = await BatchSwitch.open(cluster);
  await assert.rejects(batches.turn({ ...readPerfTest([], {}), batchesOff: true }), /refused .*: not now/);
});

/** A result beside which runs with each job alone took turns. */
function besideAlone(finding: 'same' | 'worse', perS: number, waitP50Us: number | null): RunResult {
  const { config, throughput, latencyUs, cost, verdict, ...rest } = recordedResult();
  const wait = (p50: number | null) => (p50 === null ? null : { ...latencyUs.endToEnd!, p50 });
  const figure = { path: 'throughput.completePerS', title: 'completed', unit: 'perS', a: 1, b: 1, finding } as const;
  const figures = [{ ...figure, changePercent: 0, lowPercent: 0, highPercent: 0 }];
  const of = (completePerS: number, p50: number | null) => ({
    ...{ config, cost, verdict, throughput: { ...throughput, completePerS } },
    latencyUs: { ...latencyUs, batchWait: wait(p50) },
  });
  const comparison = { finding, figures, basis: '5 pairs' } as NonNullable<RunResult['against']>[number]['comparison'];
  const against = [{ flags: 'BATCH_MAX_SIZE=1', ...of(perS, waitP50Us && 100), comparison }];
  return { ...rest, ...of(32_000, waitP50Us), against };
}

test('what it found is one sentence, which says when the noise is larger', () => {
  assert.equal(batchingFinding(recordedResult()), null);
  assert.equal(
    batchingFinding(besideAlone('worse', 10_000, 4200)),
    'batching cost 4.1 ms at p50 and bought 3.2x jobs/s',
  );
  assert.match(batchingFinding(besideAlone('same', 31_000, 4200))!, /1\.0x jobs\/s, which is within the noise/);
  assert.equal(batchingFinding(besideAlone('same', 31_000, null)), 'what batches cost and bought was not measured');
});

test('--batching: runs in turns on one cluster, with batches and without', async () => {
  const json = jsonPath();
  const { code, stdout } = await runCli([
    ...['perf-test', '300', '--cpus', '1', '--batching', '--repeats', '2', '--json', json],
  ]);
  assert.equal(code, 111, `too short to be compared: ${stdout}`);
  const order = [...stdout.matchAll(/^(?:warming up|run \d of 2(?: with \S+=1)?)/gm)].map(([line]) => line);
  assert.deepEqual(order, [
    ...['warming up', 'run 1 of 2', 'run 1 of 2 with BATCH_MAX_SIZE=1'],
    ...['run 2 of 2 with BATCH_MAX_SIZE=1', 'run 2 of 2'],
  ]);
  assert.match(stdout, /\nbatching (cost|saved) \S+ \w+ at p50 and bought \S+x jobs\/s/);
  const { batching, against } = readResult(json);
  assert.deepEqual(batching, { jobs: 300, pushes: 3 });
  assert.deepEqual(
    against?.map(({ flags, batching: alone }) => [flags, alone]),
    [['BATCH_MAX_SIZE=1', { jobs: 300, pushes: 300 }]],
  );
});
