// What is left when nothing is a job server's: answers every line with +OK. With a file's path, it first writes what came in since the
// last write, synced, in the way of a group commit: the next write begins when the last one has ended. What it takes is what this machine, Node
// and the disk take. Run by bench/cases/steady.ts, as a process of its own.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';

const path = process.argv[2];
const laidOutBytes = 16 * 1024 * 1024;
const file = path === undefined ? null : await open(path, constants.O_RDWR | constants.O_CREAT | constants.O_DSYNC);
for (let from = 0; file && from < laidOutBytes; from += laidOutBytes / 32)
  await file.write(Buffer.alloc(laidOutBytes / 32), 0, laidOutBytes / 32, from);
let pieces = [];
/** Sockets, one entry for each line that came in on it. */
let waiting = [];
let at = 0;
let isWriting = false;

function write() {
  isWriting = waiting.length > 0;
  if (!isWriting) return;
  const [bytes, sockets] = [Buffer.concat(pieces), waiting];
  [pieces, waiting] = [[], []];
  if (at + bytes.length > laidOutBytes) at = 0;
  file.write(bytes, 0, bytes.length, at).then(() => {
    at += bytes.length;
    setImmediate(write);
    for (const socket of sockets) socket.write('+OK\r\n', 'latin1');
  });
}

const server = createServer({ noDelay: true }, (socket) => {
  socket.write('+HI {"v":2}\r\n');
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    let lines = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, end + 1)) lines++;
    if (file === null) return socket.write('+OK\r\n'.repeat(lines), 'latin1');
    pieces.push(chunk);
    for (; lines > 0; lines--) waiting.push(socket);
    if (!isWriting) {
      isWriting = true;
      setImmediate(write);
    }
  });
});
server.listen(0, '127.0.0.1', () => process.send({ type: 'ready', url: `tcp://127.0.0.1:${server.address().port}` }));
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
