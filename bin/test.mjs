// Runs the tests, tier by tier: those that need nothing (pure, wire), then the ones that need something this machine may
// lack. A tier that can't run is named with its reason. The last line adds up all tiers: `N passed, N failed, N skipped`.
// Usage: node bin/test.mjs [--full] [words that a path must contain]          --full: the long counts, with time for them
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { delimiter, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Longest time for one file, which is also what ends a file that leaves a handle open. */
const fileTimeoutMs = { usual: 180_000, containers: 600_000, full: 1_800_000 };

function testFiles(dir, found = []) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (!/^(node_modules$|dist|\.)/.test(entry.name)) testFiles(path, found);
    } else if (entry.name.endsWith('.test.ts')) found.push(relative(root, path).split(sep).join('/'));
  }
  return found.sort();
}

/** Why the conformance tier can't run here, or null. */
function noRealFaktory() {
  const path = process.env.JOBSTORM_REAL_FAKTORY;
  if (!path) return 'JOBSTORM_REAL_FAKTORY is not set (CONTRIBUTING.md says how to run real Faktory)';
  try {
    accessSync(path, constants.X_OK);
    return null;
  } catch {
    return `JOBSTORM_REAL_FAKTORY is ${path}, which is no program that can be run (CONTRIBUTING.md says how)`;
  }
}

/** Why the container tier can't run here, or null. */
function noEngine() {
  const ask = (...args) => {
    const { status, stdout, stderr, error } = spawnSync('docker', args, { encoding: 'utf8', timeout: 15_000 });
    return {
      good: status === 0,
      said: (stdout ?? '').trim(),
      why: error?.message ?? stderr?.trim().split('\n').at(-1),
    };
  };
  const engine = ask('version', '--format', '{{.Server.Version}}');
  if (!engine.good) return `no Docker engine answers (${engine.why})`;
  const compose = ask('compose', 'version', '--short');
  if (!compose.good) return `docker compose is not there (${compose.why})`;
  // Built from source it calls itself "dev".
  return /^v?[01]\./.test(compose.said) ? `docker compose is ${compose.said}; version 2 is needed` : null;
}

/** A Chromium or Chrome on this machine; null: none is found. */
function findChromium() {
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  const isProgram = (path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return [process.env.JOBSTORM_CHROMIUM ?? '', ...paths].find((path) => path !== '' && isProgram(path)) ?? null;
}

/** For tests of all tiers that open pages. */
const chromium = findChromium();
if (chromium !== null) process.env.JOBSTORM_CHROMIUM = chromium;

/** Why the browser tier can't run here, or null. */
function noBrowser() {
  return chromium === null
    ? 'no Chromium on the PATH and none at JOBSTORM_CHROMIUM (CONTRIBUTING.md says how to get one)'
    : null;
}

/** A file belongs to the tier that its name's last part but two gives: `x.conformance.test.ts`; without one, to the first. */
const tiers = [
  { name: 'pure and wire', suffix: null, whyNot: () => null },
  { name: 'conformance', suffix: 'conformance', whyNot: noRealFaktory },
  { name: 'browser', suffix: 'browser', whyNot: noBrowser },
  // File by file: they build images and put whole clusters under load.
  { name: 'containers', suffix: 'containers', whyNot: noEngine, timeoutMs: fileTimeoutMs.containers, atOnce: 1 },
];

function tierOf(file) {
  const suffix = /\.([a-z]+)\.test\.ts$/.exec(file)?.[1] ?? null;
  return tiers.find((tier) => tier.suffix === suffix);
}

/** Runs one tier's files; what the runner shows goes straight to the terminal. */
function runTier({ timeoutMs = fileTimeoutMs.usual, atOnce }, files, full) {
  const dir = mkdtempSync(join(tmpdir(), 'jobstorm-test-'));
  const tallyPath = join(dir, 'tally.json');
  const args = [
    ...['--import', 'tsx', '--test'],
    `--test-timeout=${full ? fileTimeoutMs.full : timeoutMs}`,
    `--test-concurrency=${atOnce ?? Math.min(4, Math.max(2, availableParallelism()))}`,
    ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
    `--test-reporter=${pathToFileURL(join(root, 'bin/test-tally.mjs'))}`,
    `--test-reporter-destination=${tallyPath}`,
    ...files,
  ];
  const env = { ...process.env, JOBSTORM_TEST_FULL: full ? '1' : '' };
  const { status, signal } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env,
  });
  try {
    return { ...JSON.parse(readFileSync(tallyPath, 'utf8')), good: status === 0 };
  } catch {
    console.log(`# the test runner ended with ${signal ?? `exit code ${status}`} before it could add up`);
    return { passed: 0, failed: 1, skipped: 0, empty: [], good: false };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** @returns the exit code */
function main(argv) {
  const full = argv.includes('--full');
  const words = argv.filter((word) => !word.startsWith('--'));
  const unknown = argv.filter((word) => word.startsWith('--') && word !== '--full');
  if (unknown.length > 0) {
    console.log(
      `# unknown flag ${unknown.join(' ')}; usage: node bin/test.mjs [--full] [words that a path must contain]`,
    );
    return 1;
  }
  const files = testFiles(root).filter((file) => words.every((word) => file.includes(word)));
  const homeless = files.filter((file) => !tierOf(file));
  const total = { passed: 0, failed: homeless.length, skipped: 0 };
  for (const file of homeless)
    console.log(`# ${file}: no tier has that suffix; tiers are ${tiers.map((t) => t.name).join(', ')}`);
  let good = homeless.length === 0;
  for (const tier of tiers) {
    const own = files.filter((file) => tierOf(file) === tier);
    if (own.length === 0) continue;
    const reason = tier.whyNot();
    if (reason) {
      console.log(`# tier skipped: ${tier.name} (${own.length} files, each counted as one skipped): ${reason}`);
      total.skipped += own.length;
      continue;
    }
    console.log(`# tier: ${tier.name} (${own.length} files)`);
    const result = runTier(tier, own, full);
    for (const file of result.empty) console.log(`# ${relative(root, resolve(root, file))}: no test in it ran`);
    total.passed += result.passed;
    total.failed += result.failed + result.empty.length;
    total.skipped += result.skipped;
    good &&= result.good && result.empty.length === 0;
  }
  if (files.length === 0)
    console.log(`# no test file's path has ${words.map((word) => `"${word}"`).join(' and ')} in it`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  return good && total.failed === 0 && files.length > 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
