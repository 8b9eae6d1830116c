import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import { argumentsOf, RunLauncher } from '../src/run-launcher.ts';

describe('what a page may start', () => {
  it('is a known command with known flags', () => {
    assert.deepEqual(
      argumentsOf({ command: 'perf-test', flags: { rate: '500', jobs: '10000', 'service-time': '10ms' } }),
      ['perf-test', '10000', '--rate', '500', '--service-time', '10ms'],
    );
    assert.deepEqual(argumentsOf({ command: 'tune', flags: { goal: 'p99<50ms' } }), ['tune', '--goal', 'p99<50ms']);
  });

  it('is nothing else', () => {
    const bad: [object, RegExp][] = [
      [{ command: 'clean' }, /^expected a command of perf-test, tune$/],
      [{ command: '__proto__' }, /^expected a command/],
      [{ command: ['perf-test'] }, /^expected a command/],
      [{ command: 'perf-test', flags: { url: 'tcp://192.0.2.1' } }, /^perf-test has no url/],
      [{ command: 'perf-test', flags: { constructor: '1' } }, /^perf-test has no constructor/],
      [{ command: 'perf-test', flags: { jobs: '-1' } }, /^jobs: got "-1"/],
      [{ command: 'perf-test', flags: { jobs: '1; reboot' } }, /^jobs: got/],
      [{ command: 'perf-test', flags: { jobtype: '--json' } }, /^jobtype: got/],
      [{ command: 'perf-test', flags: { jobs: 1000 } }, /^jobs: got 1000/],
      [{ command: 'tune', flags: { goal: 'p99<50ms --save' } }, /^goal: got/],
    ];
    for (const [request, message] of bad) assert.throws(() => argumentsOf(request), { code: 'EMESSAGE', message });
  });
});

describe('a run that a page has started', () => {
  function launcher(room = 'ws://127.0.0.1:9') {
    let changes = 0;
    const target = { serverUrl: null, api: null, token: null, room: () => room };
    const made = new RunLauncher(target, () => changes++);
    return { made, changes: () => changes };
  }

  it('is the only one, and ends in good order when it is stopped', async () => {
    const { made, changes } = launcher();
    const run = made.start({
      command: 'perf-test',
      flags: { jobs: '1000000', jobtype: 'sleep', 'service-time': '1s' },
    });
    assert.equal(run.running, true);
    assert.throws(() => made.start({ command: 'perf-test' }), {
      code: 'EBUSY',
      message: /^jobstorm perf-test 1000000 .* goes on, started from a page at \d\d:\d\d:\d\d UTC/,
    });
    assert.equal(made.stop(), true);
    await until('it to be gone', () => made.view?.running === false, { timeoutMs: 60_000 });
    assert.equal(made.view?.failed, null, 'to be stopped is no failure');
    assert.equal(changes(), 2);
    assert.equal(made.stop(), false);
  });

  it('says why when it could not begin', async () => {
    const { made } = launcher();
    made.start({ command: 'perf-test', flags: { cpus: '0.01' } });
    await until('it to be gone', () => made.view?.running === false, { timeoutMs: 60_000 });
    assert.match(made.view?.failed ?? '', /cpus/);
  });
});
