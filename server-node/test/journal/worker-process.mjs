// A worker in a process of its own, to be killed: `node worker-process.mjs PORT QUEUE…`. It tells its parent of each job before the
// ACK is sent, and of each ACK that was answered; what it has told is in the pipe, whatever becomes of it.

import { connect } from 'node:net';

const [port, ...queues] = process.argv.slice(2);
const socket = connect(Number(port), '127.0.0.1');
let buffered = '';
let wake = () => {};
socket.setEncoding('latin1').on('data', (text) => {
  buffered += text;
  wake();
});
for (const event of ['error', 'close']) socket.on(event, () => process.exit(0));
process.on('disconnect', () => process.exit(0));

/** The next reply: one line, with the line of its content where it has one. */
async function reply() {
  for (;;) {
    const found = /^(\$\d+\r\n.*|\$-1|[+-].*)\r\n/.exec(buffered);
    if (found && !/^\$\d+\r\n$/.test(found[0])) {
      buffered = buffered.slice(found[0].length);
      return found[1];
    }
    await new Promise((resolve) => {
      wake = resolve;
    });
  }
}

const tell = (message) => new Promise((resolve) => process.send(message, resolve));

await reply();
socket.write(`HELLO {"v":2,"wid":"w${process.pid}","hostname":"h","pid":${process.pid},"labels":[]}\r\n`);
await reply();
for (;;) {
  socket.write(`FETCH ${queues.join(' ')}\r\n`);
  const job = await reply();
  if (job === '$-1') continue;
  const jid = /"jid":"([^"]*)"/.exec(job)?.[1] ?? '';
  await tell({ fetched: jid });
  socket.write(`ACK {"jid":"${jid}"}\r\n`);
  if ((await reply()) === '+OK') await tell({ acknowledged: jid });
}
