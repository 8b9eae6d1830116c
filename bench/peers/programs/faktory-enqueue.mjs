// Into Faktory or server-node with the npm package's client: `node faktory-enqueue.mjs JOBS [RATE]`, in bulk where it may.

import faktory from 'faktory-worker';
import { asked, pad, sendAll, sendPaced } from './pace.mjs';
import { nowUs } from './tally.mjs';

const client = await faktory.connect({ url: process.env.FAKTORY_URL });
const { jobs, rate } = asked();
const job = (dueUs) => ({ jobtype: 'tallied', args: [dueUs, pad], queue: 'jobstorm', retry: 0 });
if (rate !== null) await sendPaced({ jobs, rate, send: (dueUs) => client.push(job(dueUs)) });
else {
  const send = async (count) => {
    const refused = await client.pushBulk(Array.from({ length: count }, () => job(nowUs())));
    const [jid] = Object.keys(refused);
    if (jid) throw new Error(`a job was refused: ${refused[jid].reason}`);
  };
  await sendAll({ jobs, size: 500, inFlight: 2, send });
}
await client.close();
