import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { until } from '@jobstorm/testkit';
import { RunArchive } from '../src/run-archive.ts';
import { headerLine, runLines, sampleLine } from './stream-lines.ts';

describe('the records of runs', () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'jobstorm-runs-'));
    folders.push(folder);
    return folder;
  }

  async function tell(archive: RunArchive, id: string, lines: readonly unknown[]): Promise<void> {
    const feed = archive.feed(id);
    for (const [number, line] of lines.entries()) archive.add(feed, number, line);
    await archive.close(); // all is written
  }

  const textOf = (lines: readonly unknown[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

  it('keeps a run that has ended on disk, and finds it again', async () => {
    const folder = newFolder();
    const archive = await RunArchive.open({ folder });
    await tell(archive, 'r1', runLines('r1'));
    await until('the brief to be written', () => readdirSync(folder).includes('r1.json'));
    assert.equal(readFileSync(join(folder, 'r1.jsonl'), 'utf8'), textOf(runLines('r1')));
    const again = await RunArchive.open({ folder });
    assert.deepEqual(again.list(), archive.list());
    assert.equal(again.isFinished('r1'), true);
    assert.equal(await again.read('r1'), textOf(runLines('r1')));
    assert.equal(await again.read('r2'), null);
  });

  it('knows a run whose generator has gone from one that goes on, and takes it up again', async () => {
    const archive = await RunArchive.open({ folder: null });
    const feed = archive.feed('r1');
    archive.add(feed, 0, headerLine('r1'));
    const seen = () => [archive.latest?.id, archive.list().map(({ id, goesOn = false }) => `${id} ${goesOn}`)];
    assert.deepEqual(seen(), ['r1', ['r1 true']]);
    archive.leave(feed);
    assert.deepEqual(seen(), [undefined, ['r1 false']]);
    assert.equal(archive.feed('r1'), feed, 'with what it had told');
    assert.deepEqual(seen(), ['r1', ['r1 true']]);
    archive.leave(feed);
    assert.equal(await archive.remove('r1'), true, 'nobody tells it: it can go');
    assert.deepEqual(seen(), [undefined, []]);
  });

  it('leaves a run without an end to whoever else keeps records there', async () => {
    const folder = newFolder();
    const owner = await RunArchive.open({ folder });
    await tell(owner, 'r1', runLines('r1').slice(0, 2));
    appendFileSync(join(folder, 'r1.jsonl'), '{"type":"sam');
    const before = readFileSync(join(folder, 'r1.jsonl'), 'utf8');
    const guest = await RunArchive.open({ folder, shared: true });
    assert.deepEqual(guest.list(), []);
    assert.equal(readFileSync(join(folder, 'r1.jsonl'), 'utf8'), before, 'it is being written');
    await tell(guest, 'r2', runLines('r2'));
    await until('the brief to be written', () => readdirSync(folder).includes('r2.json'));
  });

  it('goes on with a run that was cut off, in the middle of a line too', async () => {
    const folder = newFolder();
    const lines = runLines('r1');
    lines.splice(2, 0, { type: 'mark', atS: 0.6, what: 'a worker on host-ü went away – 3 µs later' } as never);
    await tell(await RunArchive.open({ folder }), 'r1', lines.slice(0, 4));
    appendFileSync(join(folder, 'r1.jsonl'), '{"type":"sam');
    const archive = await RunArchive.open({ folder });
    assert.equal(archive.latest, null, 'it does not go on until its generator is back');
    assert.deepEqual(
      archive.list().map(({ id, ended, lines }) => ({ id, ended, lines })),
      [{ id: 'r1', ended: false, lines: 4 }],
    );
    const feed = archive.feed('r1');
    for (const [number, line] of lines.entries()) archive.add(feed, number, line);
    await archive.close();
    assert.equal(readFileSync(join(folder, 'r1.jsonl'), 'utf8'), textOf(lines));
  });

  it('deletes the oldest runs once they take too much, and never the one that goes on', async () => {
    const folder = newFolder();
    const one = textOf(runLines('r1')).length;
    const archive = await RunArchive.open({ folder, limitBytes: 2.5 * one });
    archive.add(archive.feed('live'), 0, headerLine('live', '2020-01-01T00:00:00Z'));
    for (const at of [1, 2, 3, 4]) {
      await tell(archive, `r${at}`, runLines(`r${at}`, { startedAt: `2026-11-2${at}T00:00:00Z` }));
      await until(`run ${at} to be finished`, () => archive.isFinished(`r${at}`));
    }
    await until('the first two to go', () => !readdirSync(folder).some((name) => /^r[12]\./.test(name)));
    assert.deepEqual(
      archive.list().map(({ id }) => id),
      ['r4', 'r3', 'live'],
    );
  });

  it('keeps the last ten in memory where it has no folder', async () => {
    const archive = await RunArchive.open({ folder: null });
    for (let at = 0; at < 12; at++) {
      const startedAt = `2026-11-27T20:00:${String(at).padStart(2, '0')}Z`;
      await tell(archive, `r${at}`, runLines(`r${at}`, { startedAt }));
    }
    await until('ten to be left', () => archive.list().length === 10);
    assert.equal(await archive.read('r1'), null);
    assert.equal(await archive.read('r11'), textOf(runLines('r11', { startedAt: '2026-11-27T20:00:11Z' })));
  });

  it('goes on from memory when the disk does not take it, and says so', async () => {
    const folder = newFolder();
    const archive = await RunArchive.open({ folder });
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'in the way');
    await tell(archive, 'r1', runLines('r1'));
    assert.match(archive.trouble ?? '', /^runs can't be kept in .*: ENOTDIR/);
    assert.equal(await archive.read('r1'), textOf(runLines('r1')));
  });

  it('lists the others beside files that it can not read, names those, and leaves them as they are', async () => {
    const folder = newFolder();
    await tell(await RunArchive.open({ folder }), 'r1', runLines('r1'));
    await until('the brief to be written', () => readdirSync(folder).includes('r1.json'));
    mkdirSync(join(folder, 'a-folder.jsonl'));
    writeFileSync(join(folder, 'my notes.jsonl'), '{"type":"header"}\n');
    writeFileSync(join(folder, 'a-table.jsonl'), '{"price":7}\n');
    writeFileSync(join(folder, 'cut-off.json'), '{"id":');
    const archive = await RunArchive.open({ folder });
    assert.deepEqual(
      archive.list().map(({ id }) => id),
      ['r1'],
    );
    const { trouble } = archive;
    assert.match(trouble ?? '', /a-folder\.jsonl \(EISDIR/);
    assert.match(trouble ?? '', /a-table\.jsonl \(it does not begin as a run does\)/);
    assert.match(trouble ?? '', /my notes\.jsonl \(expected the id of a run/);
    assert.equal(readFileSync(join(folder, 'a-table.jsonl'), 'utf8'), '{"price":7}\n');
    await tell(archive, 'r2', runLines('r2'));
    await until('the next run to be kept all the same', () => readdirSync(folder).includes('r2.json'));
  });

  it('removes what was removed by hand, but not a run that goes on', async () => {
    const folder = newFolder();
    const archive = await RunArchive.open({ folder });
    await tell(archive, 'r1', runLines('r1'));
    await until('it to be finished', () => archive.isFinished('r1') && readdirSync(folder).length === 2);
    assert.equal(await archive.remove('r1'), true);
    assert.equal(await archive.remove('r1'), false);
    assert.deepEqual(readdirSync(folder), []);
    const live = archive.feed('r2');
    archive.add(live, 0, headerLine('r2'));
    archive.add(live, 1, sampleLine(0.5));
    assert.equal(await archive.remove('r2'), false);
    assert.equal(archive.latest, live);
    await archive.close();
  });
});
