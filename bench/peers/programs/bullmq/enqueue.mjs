// BullMQ on Redis: `node enqueue.mjs JOBS [RATE]`, in bulk where it may.

import { Queue } from 'bullmq';
import { asked, pad, sendAll, sendPaced } from '../pace.mjs';
import { nowUs } from '../tally.mjs';
import { connection, queueName } from './connection.mjs';

const queue = new Queue(queueName, { connection, defaultJobOptions: { removeOnComplete: true } });
await queue.waitUntilReady();
const { jobs, rate } = asked();
const job = (due) => ({ name: 'noop', data: { due, pad } });
if (rate !== null) await sendPaced({ jobs, rate, send: (due) => queue.add('noop', job(due).data) });
else {
  const send = (count) => queue.addBulk(Array.from({ length: count }, () => job(nowUs())));
  await sendAll({ jobs, size: 500, inFlight: 2, send });
}
await queue.close();
