// Makes a checkout ready to run: installs packages when the lock file is newer than what is installed, and builds dist/ when
// a source is newer than it. Needs Node and npm only. Two processes that start at once take turns by a lock folder.
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sourceRoots = ['packages', 'server-node', 'worker-node', 'api-service', 'dashboard'];

function mtimeMs(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The time of the newest source file, in ms. Tests are no part of dist/. */
function newestSourceMs() {
  let newest = Math.max(mtimeMs(join(root, 'bin/build.mjs')), mtimeMs(join(root, 'package-lock.json')));
  const visit = (dir) => {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'test') continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) visit(path);
      else newest = Math.max(newest, mtimeMs(path));
    }
  };
  for (const dir of sourceRoots) visit(join(root, dir));
  return newest;
}

const installIsStale = () =>
  mtimeMs(join(root, 'node_modules/.package-lock.json')) < mtimeMs(join(root, 'package-lock.json'));
const buildIsStale = () => mtimeMs(join(root, 'dist/jobstorm.js')) < newestSourceMs();

async function withLock(work) {
  const lock = join(root, '.jobstorm', 'prepare.lock');
  mkdirSync(dirname(lock), { recursive: true });
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      // A holder that was killed leaves its lock; no install or build takes ten minutes.
      if (Date.now() - mtimeMs(lock) > 600_000) rmSync(lock, { recursive: true, force: true });
      else await new Promise((done) => setTimeout(done, 100));
    }
  }
  const release = () => rmSync(lock, { recursive: true, force: true });
  const onSignal = (signal) => {
    release();
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    return await work();
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
    release();
  }
}

function install() {
  // npm would empty the folder behind the link, which belongs to another checkout.
  if (lstatSync(join(root, 'node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) {
    process.stderr.write(
      'jobstorm: node_modules is a link, and older than package-lock.json: install where it points to\n',
    );
    process.exit(1);
  }
  process.stderr.write('jobstorm: installing packages (npm ci), once\n');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) {
    process.stderr.write('jobstorm: npm ci failed; its message is above\n');
    process.exit(1);
  }
}

export async function prepare({ build = true } = {}) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    process.stderr.write(`jobstorm: Node ${process.versions.node} is too old; it needs 20.19 or newer\n`);
    process.exit(1);
  }
  if (!installIsStale() && !(build && buildIsStale())) return;
  await withLock(async () => {
    if (installIsStale()) install();
    if (build && buildIsStale()) await (await import('./build.mjs')).build();
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await prepare({ build: !process.argv.includes('--no-build') || !existsSync(join(root, 'node_modules')) });
}
