// Clients that hear what a browser hears, and parse it, in a process of their own: as many as it is told over its channel.
// Asked for a count, it says how many messages they have heard in all.
// Usage: watch-clients.mjs ws://HOST:PORT

import { WebSocket } from 'ws';

const [url] = process.argv.slice(2);
const sockets = [];
let heard = 0;

function connect() {
  const socket = new WebSocket(`${url}/live`);
  socket.on('error', () => {});
  socket.on('message', (data) => {
    JSON.parse(data.toString());
    heard++;
  });
  return socket;
}

process.on('message', ({ clients = sockets.length, count }) => {
  if (count) process.send({ type: 'heard', heard });
  while (sockets.length > clients) sockets.pop().terminate();
  while (sockets.length < clients) sockets.push(connect());
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
process.send({ type: 'ready' });
