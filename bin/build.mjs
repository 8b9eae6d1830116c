// Bundles every part into dist/. The output is written beside dist/ and moved in whole, so that a build that fails or two
// that run at once never leave half of one behind. `prepare.mjs` decides when this runs.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** The programs in dist/: name of the file there, and the source it starts from. */
export const entryPoints = {
  jobstorm: 'packages/cli/src/main.ts',
  server: 'server-node/src/main.ts',
  worker: 'worker-node/src/main.ts',
  'worker-process': 'worker-node/src/process.ts',
  api: 'api-service/src/main.ts',
  dashboard: 'dashboard/src/main.ts',
};

export async function build() {
  const { build: bundle } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const staging = join(root, `dist.${process.pid}.tmp`);
  mkdirSync(staging, { recursive: true });
  try {
    await bundle({
      absWorkingDir: root,
      entryPoints,
      outdir: staging,
      chunkNames: '[name]-[hash]',
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      sourcemap: true,
      sourcesContent: false,
      logLevel: 'warning',
      define: { __JOBSTORM_VERSION__: JSON.stringify(version) },
      // Bundled CommonJS packages ask for Node's own modules through require, which an ES module has to make first.
      banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
    });
    writeFileSync(join(staging, 'package.json'), '{ "type": "module" }\n');
    const old = join(root, `dist.${process.pid}.old`);
    try {
      renameSync(join(root, 'dist'), old);
    } catch {} // first build: there is none
    renameSync(staging, join(root, 'dist'));
    rmSync(old, { recursive: true, force: true });
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await build();
