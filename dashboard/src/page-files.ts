// The page's files as the build made them: HTML, script and style, read once. They hold no figures and are given to anybody; what the
// page shows it has to ask for.

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { JobstormError } from '@jobstorm/protocol';
import type { FastifyInstance } from 'fastify';

/** In dist/ they lie beside the program; a program that runs from its sources takes those of dist/. */
const folders = ['./web/', '../../dist/web/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

const files = {
  '/': { name: 'index.html', type: 'text/html; charset=utf-8' },
  '/page.js': { name: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/page.css': { name: 'page.css', type: 'text/css; charset=utf-8' },
} as const;

export const pagePaths: readonly string[] = Object.keys(files);

const headers = {
  'cache-control': 'no-cache',
  // uPlot sizes its parts by the style property of elements, which is no inline style in a document's text.
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; frame-ancestors 'none'; form-action 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  // The address may hold the token for as long as the page takes to trade it.
  'referrer-policy': 'no-referrer',
};

/** @throws JobstormError EPAGE when the page was not built */
export function addPage(app: FastifyInstance): void {
  const folder = folders.find((each) => existsSync(`${each}index.html`));
  if (!folder) throw new JobstormError('EPAGE', 'the page is not built: run node bin/prepare.mjs');
  for (const [path, { name, type }] of Object.entries(files)) {
    const text = readFileSync(`${folder}${name}`, 'utf8');
    app.get(path, async (_request, reply) => reply.headers(headers).type(type).send(text));
  }
}
