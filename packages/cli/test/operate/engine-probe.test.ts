import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SettingsError } from '@jobstorm/program';
import { complaint, type Ran } from '../../src/operate/docker/cli.ts';
import { chooseEngine, judgeProbe } from '../../src/operate/engine-probe.ts';

const ran = (given: Partial<Ran>): Ran => ({ code: 0, stdout: '', stderr: '', missing: false, ...given });
const goodInfo = ran({ stdout: '8\n' });

test('docker with compose v2 is taken, whatever its version is called', () => {
  for (const version of ['2.40.1\n', 'v2.5.0', '5.0.0', 'dev\n']) {
    assert.deepEqual(judgeProbe(goodInfo, ran({ stdout: version })), { cpus: 8, whyNot: null }, version);
  }
  assert.deepEqual(chooseEngine(null, { cpus: 8, whyNot: null }), { kind: 'docker', note: null });
});

test('no docker, no engine, no compose: each is said, and plain processes are taken', () => {
  const cases: [Ran, Ran, RegExp][] = [
    [ran({ code: null, missing: true }), ran({ code: null, missing: true }), /no docker program on this machine/],
    [
      ran({ code: 1, stderr: 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?\n' }),
      ran({ stdout: '2.40.0' }),
      /no Docker engine answers \(Cannot connect to the Docker daemon/,
    ],
    // Older versions exit with 0 and print no number.
    [
      ran({ stdout: '0\n', stderr: 'ERROR: permission denied\n' }),
      ran({}),
      /no Docker engine answers \(permission denied\)/,
    ],
    [goodInfo, ran({ code: 1, stderr: "docker: 'compose' is not a docker command.\n" }), /no compose v2/],
    [goodInfo, ran({ stdout: '1.29.2' }), /no compose v2/],
  ];
  for (const [info, compose, expected] of cases) {
    const probe = judgeProbe(info, compose);
    assert.match(probe.whyNot!, expected);
    const choice = chooseEngine(null, probe);
    assert.equal(choice.kind, 'native');
    assert.match(choice.note!, /plain processes/);
    assert.throws(() => chooseEngine('docker', probe), SettingsError);
  }
});

test('what is asked for is taken without a word', () => {
  assert.deepEqual(chooseEngine('native', { cpus: 8, whyNot: null }), { kind: 'native', note: null });
});

test("docker's complaint is the line that says what is wrong", () => {
  const stderr = 'time="x" level=warning msg="nothing"\n#5 done\nError response from daemon: no such image\n\n';
  assert.equal(complaint(ran({ code: 1, stderr })), 'no such image');
  assert.equal(complaint(ran({ code: 1 })), 'it gave no reason');
});
