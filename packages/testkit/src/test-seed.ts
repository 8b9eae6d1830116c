/**
 * What random tests start from: JOBSTORM_TEST_SEED, which plays a run again; else in `just test-full` another one each time, and in
 * `just test` always the same, so that it fails for what was changed and never by chance.
 */
export function testSeed(): number {
  const given = process.env.JOBSTORM_TEST_SEED;
  if (given !== undefined) return Number(given);
  return process.env.JOBSTORM_TEST_FULL === '1' ? Math.floor(Math.random() * 2 ** 31) : 20_261_127;
}
