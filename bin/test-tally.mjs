// A reporter for node's test runner that says how one tier went, as one line of JSON, for bin/test.mjs to add up.
import { resolve } from 'node:path';

/** @returns {{ passed: number, failed: number, skipped: number, empty: string[] }} `empty`: files without a single test */
export async function tally(events) {
  const counts = { passed: 0, failed: 0, skipped: 0, empty: [] };
  for await (const { type, data } of events) {
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const stoodForItsSuite = data.details?.type === 'suite';
    // The runner passes a file in which no test ran as a test of the file's name.
    const isFile = data.nesting === 0 && data.file !== undefined && resolve(data.name) === resolve(data.file);
    if (data.skip !== undefined || data.todo !== undefined) counts.skipped += stoodForItsSuite ? 0 : 1;
    else if (type === 'test:pass' && isFile) counts.empty.push(data.name);
    else if (type === 'test:pass') counts.passed += stoodForItsSuite ? 0 : 1;
    // A suite fails when its tests do, which are counted; one that fails by itself (a hook) has to be.
    else if (!stoodForItsSuite || data.details?.error?.failureType !== 'subtestsFailed') counts.failed += 1;
  }
  return counts;
}

export default async function* reporter(events) {
  yield `${JSON.stringify(await tally(events))}\n`;
}
