import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort } from '@jobstorm/testkit';
import { isTaken, type Publisher, portMistakes, publishedPorts } from '../../src/operate/ports.ts';

const ports = { faktory: 7419, web: 7420, api: 3000, dashboard: 7460 };
const publisher = (given: Partial<Publisher>): Publisher => ({
  name: 'x',
  ports: [],
  project: null,
  folder: null,
  part: null,
  ...given,
});

test('a port is taken when something listens on it, also on loopback only', async () => {
  assert.equal(await isTaken(await freePort()), false);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  assert.equal(await isTaken((server.address() as { port: number }).port), true);
  await new Promise((resolve) => server.close(resolve));
});

test('the ports that docker ps shows', () => {
  assert.deepEqual(publishedPorts('0.0.0.0:7419-7420->7419-7420/tcp, [::]:7419-7420->7419-7420/tcp'), [7419, 7420]);
  assert.deepEqual(publishedPorts('127.0.0.1:80->8080/tcp, 9000/tcp'), [80]);
  assert.deepEqual(publishedPorts(''), []);
});

test('nothing taken: no mistake', () => {
  assert.deepEqual(portMistakes(ports, new Set(), []), []);
});

test('another checkout is named once for all its ports, with other ports that are free', () => {
  const others = [publisher({ ports: [7419, 7420, 7421], project: 'p', folder: '/a', part: 'faktory' })];
  assert.deepEqual(portMistakes(ports, new Set([7419, 7420]), others), [
    "ports 7419 (the job server), 7420 (the job server's page) are in use by the jobstorm checkout at /a: end it there with `just down`",
    'or take other ports: FAKTORY_PORT=7422 FAKTORY_WEB_PORT=7423 just server',
  ]);
});

test('other projects, containers and programs', () => {
  const mistakes = portMistakes(ports, new Set([7419, 3000, 7460]), [
    publisher({ name: 'shop-1', ports: [3000], project: 'shop', folder: '/shop' }),
    publisher({ name: 'lone', ports: [7460] }),
  ]);
  assert.match(
    mistakes[0]!,
    /^port 7419 \(the job server\) is in use by another program on this host: .*sport = :7419/,
  );
  assert.match(
    mistakes[1]!,
    /^port 3000 .* by the container shop-1 of the compose project shop in \/shop: .*docker stop shop-1/,
  );
  assert.match(mistakes[2]!, /^port 7460 .* by the container lone: end it/);
  assert.equal(mistakes[3], 'or take other ports: FAKTORY_PORT=7421 API_PORT=3001 DASHBOARD_PORT=7461 just server');
});
