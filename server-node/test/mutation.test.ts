import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeStamp, writeJob } from '../src/job-text.ts';
import { readMutation } from '../src/mutation.ts';

const stamp = makeStamp('S');
const jobs = [
  writeJob({ jid: 'jid-00001', jobtype: 'Add', args: [1] }, stamp, false),
  writeJob({ jid: 'jid-"0002', jobtype: 'Subtract', args: ['näh'] }, stamp, false),
  writeJob({ jid: 'jid-00003', jobtype: 'Add', args: ['näh'] }, stamp, false),
];
const picked = (filter: object | null) => {
  const mutation = readMutation(JSON.stringify({ cmd: 'discard', target: 'dead', filter }));
  return mutation.filter === null ? 'all' : jobs.flatMap((job, i) => (mutation.filter!(job) ? [i + 1] : []));
};

test('filters: jids override, regexp is a glob over the whole text, jobtype narrows it', () => {
  assert.equal(picked(null), 'all');
  assert.equal(picked({}), 'all');
  assert.equal(picked({ jids: [] }), 'all');
  assert.deepEqual(picked({ jids: ['jid-"0002', 'nosuch'], jobtype: 'Add' }), [2]);
  assert.deepEqual(picked({ jobtype: 'Add' }), [1, 3]);
  assert.deepEqual(picked({ jobtype: 'A*' }), [1, 3]);
  assert.deepEqual(picked({ regexp: '*näh*' }), [2, 3]);
  assert.deepEqual(picked({ regexp: 'näh' }), []);
  assert.deepEqual(picked({ regexp: '*näh*', jobtype: 'Add' }), [3]);
});

test('what is wrong with it is told as Faktory tells it', () => {
  const refused = (payload: string) => {
    try {
      readMutation(payload);
    } catch (error) {
      return (error as Error).message;
    }
    return 'taken';
  };
  assert.match(refused('')!, /JSON/);
  for (const payload of ['{}', 'null', '{"cmd":"nosuch"}']) assert.equal(refused(payload), 'unknown mutate operation');
  assert.equal(refused('{"cmd":"clear"}'), 'invalid target for mutation command');
  assert.equal(refused('{"cmd":"clear","target":"queues"}'), 'invalid target for mutation command');
  assert.match(refused('{"cmd":5}'), /^json: cannot unmarshal number/);
  assert.match(refused('[]'), /^json: cannot unmarshal array/);
  assert.match(refused('{"cmd":"kill","target":"dead","filter":{"jids":"x"}}'), /^json: cannot unmarshal string/);
  assert.equal(refused('{"cmd":"clear","target":"dead"}'), 'taken');
});
