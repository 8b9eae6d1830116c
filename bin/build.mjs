// Bundles every part into dist/; or, for the images, each part into a folder of its own under DIR:
//   node bin/build.mjs [--images DIR]
// The output is written beside its place and moved in whole, so that a build that fails or two that run at once never leave
// half of one behind. `prepare.mjs` decides when this runs.
import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The programs in dist/: name of the file there, and the source it starts from. */
export const entryPoints = {
  jobstorm: 'packages/cli/src/main.ts',
  server: 'server-node/src/main.ts',
  'chaos-jobs': 'packages/cli/src/chaos/chaos-jobs.ts',
  worker: 'worker-node/src/main.ts',
  'worker-process': 'worker-node/src/process.ts',
  generator: 'packages/cli/src/generator-main.ts',
  api: 'api-service/src/main.ts',
  dashboard: 'dashboard/src/main.ts',
  'docker-stats': 'dashboard/src/docker-stats-main.ts',
  health: 'packages/program/src/health-main.ts',
};

/** What each image runs; `health` asks it whether it is well. */
const parts = {
  'server-node': ['server', 'health'],
  worker: ['worker', 'worker-process', 'health'],
  'api-service': ['api', 'health'],
  // It starts runs that its page asks for, so it holds the command line and the parts that this boots.
  dashboard: ['dashboard', 'jobstorm', 'server', 'api', 'worker', 'worker-process', 'health'],
  'docker-stats': ['docker-stats', 'health'],
};

/**
 * dockerode can also speak ssh and answer image builds by gRPC, which docker-stats never asks of it: native code and megabytes.
 * Whoever calls them here after all is told so.
 */
const leaveOut = {
  name: 'leave-out',
  setup(build) {
    build.onResolve({ filter: /^\.\/(ssh|session)$/ }, ({ path, importer }) =>
      /[\\/](dockerode|docker-modem)[\\/]/.test(importer) ? { path, namespace: 'left-out' } : null,
    );
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, ({ path }) => ({
      contents: `module.exports = () => { throw new Error('${path} of dockerode is not part of this build'); };`,
    }));
  },
};

function bundleOptions(names, outdir, sourcemap) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return {
    absWorkingDir: root,
    entryPoints: Object.fromEntries(names.map((name) => [name, entryPoints[name]])),
    outdir,
    chunkNames: '[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    sourcemap,
    sourcesContent: false,
    logLevel: 'warning',
    plugins: [leaveOut],
    define: { __JOBSTORM_VERSION__: JSON.stringify(version) },
    // Bundled CommonJS packages ask for Node's own modules through require, which an ES module has to make first.
    banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  };
}

/** The dashboard's page, for browsers: what it needs of uPlot is in it. */
async function buildPage(bundle, to) {
  const web = join(root, 'dashboard/web');
  await bundle({
    absWorkingDir: root,
    entryPoints: ['main.ts', 'style.css'].map((name) => ({ in: join(web, name), out: 'page' })),
    outdir: to,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
  });
  copyFileSync(join(web, 'index.html'), join(to, 'index.html'));
}

/** Bundles the programs of these names into the folder `to`, in place of what is there. */
export async function build({ names = Object.keys(entryPoints), to = join(root, 'dist'), sourcemap = true } = {}) {
  const { build: bundle } = await import('esbuild');
  const staging = `${to}.${process.pid}.tmp`;
  mkdirSync(staging, { recursive: true });
  try {
    await bundle(bundleOptions(names, staging, sourcemap));
    if (names.includes('dashboard')) await buildPage(bundle, join(staging, 'web'));
    writeFileSync(join(staging, 'package.json'), '{ "type": "module" }\n');
    const old = `${to}.${process.pid}.old`;
    try {
      renameSync(to, old);
    } catch {} // first build: there is none
    renameSync(staging, to);
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** A folder for each image, and an empty one that server-node's volume is made from. */
async function buildImages(dir) {
  const folders = Object.entries(parts).map(([part, names]) => build({ names, to: join(dir, part), sourcemap: false }));
  await Promise.all(folders);
  mkdirSync(join(dir, 'data'));
}

async function main() {
  const { images } = parseArgs({ options: { images: { type: 'string' } } }).values;
  await (images === undefined ? build() : buildImages(resolve(images)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
