// The whole list of exchanges, and how it is played against one server or several side by side: exchanges that share a server
// all at once, those that want it alone on a fresh one each.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { differences, type Exchange, play, problemsIn } from '@jobstorm/testkit';
import { beats } from './beat.ts';
import { fetches } from './fetch.ts';
import { framing } from './framing.ts';
import { handshake, suitePassword } from './handshake.ts';
import { infos } from './info.ts';
import { mutates } from './mutate.ts';
import { outcomes } from './outcome.ts';
import { pushes } from './push.ts';
import { bulkPushes } from './pushb.ts';
import { queues } from './queues.ts';
import type { Subject, SubjectOptions } from './subjects.ts';
import { times } from './times.ts';
import { tlsExchanges } from './tls.ts';

const suite: readonly Exchange[] = [
  ...framing,
  ...handshake,
  ...pushes,
  ...times,
  ...bulkPushes,
  ...fetches,
  ...outcomes,
  ...beats,
  ...queues,
  ...mutates,
  ...infos,
  ...tlsExchanges,
];

/** Starts all subjects afresh. */
export type StartSubjects = (options: SubjectOptions) => Promise<Subject[]>;

/** Plays it against all subjects at once; each has to answer as expected, and all have to answer alike. */
async function check(exchange: Exchange, subjects: readonly Subject[]): Promise<void> {
  const transcripts = await Promise.all(
    subjects.map(async (subject) => ({ name: subject.name, heard: await play(exchange, subject) })),
  );
  const [first, ...others] = transcripts;
  const problems = [
    ...transcripts.flatMap(({ name, heard }) => problemsIn(heard).map((problem) => `${name}: ${problem}`)),
    ...others.flatMap(({ name, heard }) =>
      differences(first!.heard, heard).map((difference) => `${first!.name} against ${name}: ${difference}`),
    ),
  ];
  assert.equal(problems.length, 0, problems.join('\n'));
}

function together(title: string, exchanges: readonly Exchange[], start: () => Promise<Subject[]>): void {
  // Most of the time goes into FETCHes that wait for 2 s, so many are played at once.
  describe(title, { concurrency: 48 }, () => {
    let subjects: Subject[] = [];
    before(async () => {
      subjects = await start();
    });
    after(() => Promise.all(subjects.map((subject) => subject.close())));
    for (const exchange of exchanges) it(exchange.name, () => check(exchange, subjects));
  });
}

function oneByOne(title: string, exchanges: readonly Exchange[], start: () => Promise<Subject[]>): void {
  describe(title, { concurrency: 4 }, () => {
    for (const exchange of exchanges) {
      it(exchange.name, async () => {
        const subjects = await start();
        try {
          await check(exchange, subjects);
        } finally {
          await Promise.all(subjects.map((subject) => subject.close()));
        }
      });
    }
  });
}

/** Makes a test of every exchange. */
export function testExchanges(start: StartSubjects): void {
  const on = (server: Exchange['server']) => suite.filter((exchange) => exchange.server === server);
  together('exchanges on one server', on('shared'), () => start({}));
  together('exchanges with a password', on('password'), () => start({ password: suitePassword }));
  together('exchanges by TLS', on('tls'), () => start({ tls: true }));
  oneByOne('exchanges on a server of their own', on('alone'), () => start({}));
}
