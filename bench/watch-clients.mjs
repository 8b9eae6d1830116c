// Clients that hear what a browser hears, and parse it, in a process of their own: as many as it is told over its channel.
// Usage: watch-clients.mjs ws://HOST:PORT

import { WebSocket } from 'ws';

const [url] = process.argv.slice(2);
const sockets = [];

function connect() {
  const socket = new WebSocket(`${url}/live`);
  socket.on('error', () => {});
  socket.on('message', (data) => void JSON.parse(data.toString()));
  return socket;
}

process.on('message', ({ clients }) => {
  while (sockets.length > clients) sockets.pop().terminate();
  while (sockets.length < clients) sockets.push(connect());
});
process.once('disconnect', () => process.exit());
process.once('SIGTERM', () => process.exit());
process.send({ type: 'ready' });
