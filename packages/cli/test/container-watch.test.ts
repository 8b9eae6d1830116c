import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerView, HostView } from '@jobstorm/dashboard';
import { measureContainers } from '../src/container-measures.ts';
import { ContainerWatch } from '../src/container-watch.ts';
import { faktory, someHost } from './measured.ts';

const at = (atS: number, changes: Partial<ContainerView> = {}): ContainerView => ({
  ...faktory[0],
  readAtMs: faktory[0].readAtMs + atS * 1000,
  cpuUs: faktory[0].cpuUs + atS * 200_000,
  ...changes,
});

/** A control room whose next answers are these, the last one for ever; its clock moves only while somebody waits. */
function room(...answers: (HostView[] | Error)[]) {
  let asked = 0;
  let nowMs = 0;
  return {
    hosts: async () => {
      const answer = answers[Math.min(asked++, answers.length - 1)]!;
      if (answer instanceof Error) throw answer;
      return answer;
    },
    now: () => nowMs,
    sleep: async (ms: number) => {
      nowMs += ms;
    },
    waited: () => nowMs,
  };
}

const hosts = (...containers: ContainerView[]) => [someHost(containers)];
const seen = { host: someHost([at(0)]), container: at(0) };

test('each reading is kept once, and the first one after the end is waited for', async () => {
  const answers = room(
    hosts(at(0)),
    hosts(at(0)),
    hosts(at(1)),
    hosts(at(1)),
    hosts(at(2)),
    hosts(at(2)),
    hosts(at(3)),
    hosts(at(4)),
  );
  const watch = await ContainerWatch.start(answers);
  for (let looks = 0; looks < 3; looks++) await watch.look();
  await watch.finish([seen], () => false);
  assert.deepEqual(watch.readings(seen), { before: at(0), during: [at(1), at(2)], after: at(3) });
  assert.equal(answers.waited(), 200);
});

test('a reading that does not come is waited for 3 s, and not at all when nobody wants to', async () => {
  for (const [isOff, waitedMs] of [
    [() => false, 3000],
    [() => true, 0],
  ] as const) {
    const answers = room(hosts(at(0)));
    const watch = await ContainerWatch.start(answers);
    await watch.finish([seen], isOff);
    assert.deepEqual(watch.readings(seen), { before: at(0), during: [], after: null });
    assert.equal(answers.waited(), waitedMs);
  }
});

test('a control room that is away in between costs readings, and nothing else', async () => {
  const answers = room(hosts(at(0)), new Error('away'), new Error('away'), hosts(at(5)));
  const watch = await ContainerWatch.start(answers);
  await watch.look();
  await watch.finish([seen], () => false);
  assert.deepEqual(watch.readings(seen)?.after, at(5));
});

test('without containers nothing is waited for', async () => {
  const answers = room([]);
  const watch = await ContainerWatch.start(answers);
  await watch.finish([], () => false);
  assert.equal(watch.readings(seen), null);
  assert.equal(answers.waited(), 0);
});

test('the server’s use is worked out where the control room is of its cluster, else there is a reason', async () => {
  const measure = async (cluster: { seesServer: boolean }, ...answers: HostView[][]) =>
    measureContainers({
      cluster: { ...cluster, serverProject: null },
      watch: await ContainerWatch.start(room(...answers)),
      apiHost: null,
      runS: 2,
      isOff: () => false,
    });
  const measured = await measure({ seesServer: true }, hosts(at(0)), hosts(at(0)), hosts(at(2)));
  assert.equal(measured.server?.use.usage.coreSeconds, 0.4);
  assert.equal(measured.server?.use.usage.usedCores, 0.2);
  const elsewhere = await measure({ seesServer: false }, hosts(at(0)), hosts(at(2)));
  assert.deepEqual([elsewhere.server, elsewhere.whyNoServer], [null, 'no control room of its own reports it']);
  const anew = await measure({ seesServer: true }, hosts(at(0)), hosts(at(0)), hosts(at(2, { cpuUs: 5 })));
  assert.equal(anew.server, null);
  assert.match(anew.whyNoServer, /started anew/);
});
