import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { startServer } from '@jobstorm/server-node';
import { freePort } from '@jobstorm/testkit';
import type { DoctorFacts } from '../../../src/operate/doctor/doctor.ts';
import type { Finding } from '../../../src/operate/doctor/finding.ts';
import { jsonPath, runCli } from '../../run-cli.ts';
import { quietPorts } from '../native/quiet-ports.ts';

interface Report {
  schemaVersion: number;
  findings: Finding[];
  facts: DoctorFacts;
}

/** What this machine has to say besides is not known here; ports are free ones, so that nobody's cluster is in the way. */
async function examined(args: string[], env: Record<string, string> = {}) {
  const path = jsonPath();
  const first = await quietPorts(4);
  const ports = {
    FAKTORY_PORT: String(first),
    FAKTORY_WEB_PORT: String(first + 1),
    API_PORT: String(first + 2),
    DASHBOARD_PORT: String(first + 3),
  };
  const { code, stdout, stderr } = await runCli(['doctor', ...args, '--json', path], {
    JOBSTORM_ENGINE: 'native',
    ...ports,
    ...env,
  });
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const find = (id: string) => report.findings.find((finding) => finding.id === id);
  assert.equal(code, report.findings.some(({ state }) => state === 'fix') ? 1 : 0, stderr);
  return { report, find, stdout, first };
}

test('a server in good order: its distance, its clock, its connections', async (t) => {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: 'sesame-open-up' });
  t.after(() => server.close());
  const env = { FAKTORY_PASSWORD: 'sesame-open-up', WORKER_CONCURRENCY: '1000' };
  const { report, find, stdout, first } = await examined(['--url', `tcp://127.0.0.1:${server.port}`], env);
  for (const id of ['node', 'server', 'connections', `port-${first}`, 'docker'])
    assert.equal(find(id)?.state, 'ok', id);
  assert.equal(report.schemaVersion, 1);
  const { probes, connections } = report.facts.server!;
  assert.deepEqual([probes.length, connections], [11, 0]);
  for (const { sentAtMs, answeredAtMs, serverNowMs } of probes) {
    assert.ok(sentAtMs <= answeredAtMs);
    // One machine, one clock, of which the server tells whole milliseconds.
    assert.ok(serverNowMs! >= sentAtMs - 50 && serverNowMs! <= answeredAtMs + 50);
  }
  assert.match(stdout, /round-trip .* away at best/);
  assert.match(stdout, /clock .*\(± [\d.]+ ms\)/);
  assert.doesNotMatch(JSON.stringify(report) + stdout, /sesame-open-up/);
});

test('a server that is away, and one that wants a password: to be fixed', async (t) => {
  const port = await freePort();
  const away = await examined(['--url', `tcp://127.0.0.1:${port}`]);
  assert.equal(away.find('server')?.state, 'fix');
  assert.match(away.find('server')!.text, new RegExp(`127\\.0\\.0\\.1:${port}`));
  assert.equal(away.find('clock'), undefined);
  const server = await startServer({ host: '127.0.0.1', port: 0, password: 'sesame' });
  t.after(() => server.close());
  const locked = await examined(['--url', `tcp://127.0.0.1:${server.port}`], { FAKTORY_PASSWORD: 'wrong' });
  assert.match(locked.find('server')!.remedy!, /^FAKTORY_PASSWORD=/);
});

test('what jobs there will be decides the slots', async (t) => {
  const server = await startServer({ host: '127.0.0.1', port: 0, password: null });
  t.after(() => server.close());
  const args = ['100', '--url', server.url, '--rate', '5000', '--service-time', '200ms'];
  const { find } = await examined(args);
  assert.equal(find('slots')?.state, 'fix');
  assert.match(find('slots')!.remedy!, /^just worker 10\d\d$/);
});

test('bad settings: 104', async () => {
  const { code, stderr } = await runCli(['doctor', '--rate', 'fast'], { WORKER_MEMORY: 'plenty' });
  assert.equal(code, 104);
  assert.match(stderr, /--rate: got "fast"/);
  assert.match(stderr, /WORKER_MEMORY: got "plenty", expected an amount like 4G/);
});
