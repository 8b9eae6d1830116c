import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { SettingsError } from '@jobstorm/program';
import { Client, parseServerUrl } from '@jobstorm/protocol';
import { RawConnection, testCertificate, until, watchLeaks } from '@jobstorm/testkit';
import { startServer } from '../src/server.ts';
import { readTlsKeys } from '../src/tls-keys.ts';

const local = { host: '127.0.0.1', port: 0 };
const { cert: ca } = testCertificate;

test('a client that trusts the certificate works as without TLS, with a password and big jobs', async () => {
  const leaks = watchLeaks();
  const server = await startServer({ ...local, tls: testCertificate, password: 'secret' });
  assert.match(server.url, /^tcp\+tls:\/\/127\.0\.0\.1:\d+$/);
  const address = { ...parseServerUrl(server.url), password: 'secret' };
  const client = await Client.connect({ address, ca });
  const text = 'x'.repeat(3_000_000);
  await client.push({ jid: 'job-00001', jobtype: 't', queue: 'q', args: [text] });
  const job = await client.fetch(['q']);
  assert.deepEqual(job?.args, [text]);
  await client.ack('job-00001');
  await client.close();
  await server.close();
  await leaks.settle();
});

test('who does not trust the certificate, or takes it for a plain server, is told what to do', async () => {
  const server = await startServer({ ...local, tls: testCertificate });
  const plain = await startServer(local);
  const address = parseServerUrl(server.url);
  await assert.rejects(Client.connect({ address }), /certificate of tcp\+tls:.* is not trusted.*NODE_EXTRA_CA_CERTS/);
  const { tls: _, ...withoutTls } = address;
  await assert.rejects(Client.connect({ address: withoutTls, connectTimeoutMs: 1000 }), /tcp:\/\/127\.0\.0\.1/);
  const wrong = { ...address, port: plain.port };
  await assert.rejects(Client.connect({ address: wrong, ca, connectTimeoutMs: 3000 }), /tcp\+tls:\/\/127\.0\.0\.1/);
  await server.close();
  await plain.close();
});

test('connections that never finish their TLS handshake hold up no close, and an old TLS is refused', async () => {
  const leaks = watchLeaks();
  const server = await startServer({ ...local, tls: testCertificate });
  const mute = connect(server.port, server.host).on('error', () => {});
  await until('the connection', () => mute.readyState === 'open');
  const old = connectTls({ ...local, port: server.port, ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' });
  await assert.rejects(
    new Promise((resolve, reject) => old.on('secureConnect', resolve).on('error', reject)),
    (error) => error instanceof Error,
  );
  const beganMs = performance.now();
  await server.close();
  assert.ok(performance.now() - beganMs < 1900, 'it did not wait for the handshake to time out');
  mute.destroy();
  old.destroy();
  await leaks.settle();
});

test('a half-close by TLS is one, too', async () => {
  const server = await startServer({ ...local, tls: testCertificate });
  // Known to tls.connect, though not to its types.
  const options = { host: server.host, port: server.port, ca, allowHalfOpen: true };
  const socket = connectTls(options);
  const connection = new RawConnection(socket);
  assert.equal(await connection.greet(), '+OK');
  connection.send('PUSH {"jid":"job-00001","jobtype":"t","args":[]}\r\nFETCH default\r\n');
  connection.halfClose();
  assert.equal(await connection.reply(), '+OK');
  // What comes after depends on whether the end was seen first: the job, or nil.
  assert.match((await connection.reply())!, /^\$/);
  assert.equal(await connection.reply(), null);
  await server.close();
});

test('files that are no certificate with its key are refused by name', () => {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-tls-'));
  const [tlsCert, tlsKey, noPem] = [join(dir, 'cert.pem'), join(dir, 'key.pem'), join(dir, 'text')];
  writeFileSync(tlsCert, testCertificate.cert);
  writeFileSync(tlsKey, testCertificate.key);
  writeFileSync(noPem, 'no PEM');
  assert.equal(readTlsKeys({ tlsCert: null, tlsKey: null }), null);
  assert.deepEqual(readTlsKeys({ tlsCert, tlsKey }), testCertificate);
  const refused = (paths: { tlsCert: string | null; tlsKey: string | null }, says: RegExp) =>
    assert.throws(
      () => readTlsKeys(paths),
      (error) => error instanceof SettingsError && says.test(error.message),
    );
  refused({ tlsCert, tlsKey: null }, /belong together/);
  refused({ tlsCert: join(dir, 'nosuch'), tlsKey }, /--tls-cert: .*nosuch can't be read \(ENOENT\)/);
  refused({ tlsCert: noPem, tlsKey }, /are no certificate/);
  refused({ tlsCert: tlsKey, tlsKey: tlsCert }, /are no certificate/);
  rmSync(dir, { recursive: true });
});
