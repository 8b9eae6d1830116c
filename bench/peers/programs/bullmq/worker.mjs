// BullMQ on Redis: `node worker.mjs CONCURRENCY`.

import { Worker } from 'bullmq';
import { done } from '../tally.mjs';
import { connection, queueName } from './connection.mjs';

const worker = new Worker(queueName, async ({ data }) => done(data.due), {
  connection,
  concurrency: Number(process.argv[2]),
  removeOnComplete: { count: 0 },
});
worker.on('error', (error) => console.error(error.message));
process.once('SIGTERM', () => worker.close().then(() => process.exit(0)));
