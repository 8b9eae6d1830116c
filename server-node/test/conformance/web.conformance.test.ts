// What exporters, health checks and browsers' password boxes see of the web side, on both servers.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawConnection } from '@jobstorm/testkit';
import { type Subject, startEmbedded, startReal } from './subjects.ts';

/** The names in a document and the kind of each value, without the values. */
function shape(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, each]) => [key, shape(each)])
      .sort(),
  );
}

async function look({ webUrl }: Subject, path: string, init: RequestInit = {}): Promise<unknown> {
  const response = await fetch(`${webUrl}${path}`, { redirect: 'manual', ...init });
  const type = response.headers.get('content-type');
  const text = await response.text();
  const told = type === 'application/json' ? shape(JSON.parse(text)) : text.trim();
  return { path, status: response.status, type, asks: response.headers.get('www-authenticate'), told };
}

const basic = (password: string) => ({
  headers: { authorization: `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}` },
});

async function bothSee(password: string | null, looks: (subject: Subject) => Promise<unknown>): Promise<void> {
  const subjects = await Promise.all([startEmbedded({ password }), startReal({ password })]);
  try {
    const [ours, real] = await Promise.all(subjects.map(looks));
    assert.deepEqual(ours, real);
  } finally {
    await Promise.all(subjects.map((subject) => subject.close()));
  }
}

test('/stats and /health have the same fields, of the same kinds', async () => {
  await bothSee(null, async (subject) => {
    const connection = await RawConnection.greeted(subject);
    await connection.call('PUSH {"jid":"job-00001","jobtype":"t","queue":"q","args":[],"retry":25}');
    const seen = [
      await look(subject, '/stats'),
      await look(subject, '/stats', { method: 'POST' }),
      await look(subject, '/health'),
      await look(subject, '/health', { method: 'HEAD' }).catch(() => 'no body'),
    ];
    connection.destroy();
    return seen;
  });
});

test('the password is asked for with the same words', async () => {
  await bothSee('secret', async (subject) => [
    await look(subject, '/stats'),
    await look(subject, '/stats', basic('wrong')),
    await look(subject, '/stats', basic('secret')),
    await look(subject, '/health'),
    await look(subject, '/retries'),
    await look(subject, '/busy', { method: 'POST' }),
  ]);
});

test('a post from another site is refused by both', async () => {
  await bothSee(null, async ({ webUrl }) => {
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'http://evil.example' };
    const body = new URLSearchParams({ action: 'delete' });
    return (await fetch(`${webUrl}/retries`, { method: 'POST', headers, body, redirect: 'manual' })).status;
  });
});
