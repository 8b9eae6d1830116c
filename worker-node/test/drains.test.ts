import { test } from 'node:test';
import { drainAgainAndAgain, isFull } from './drains.ts';
import { withServer } from './worker-rig.ts';

const stops = isFull ? 100 : 10;

test(`SIGTERM under full load, ${stops} times: no reservation is left, no job failed or is gone`, async () => {
  await withServer(({ server, client }) => drainAgainAndAgain({ url: server.url, client, jobs: 20_000, stops }));
});
