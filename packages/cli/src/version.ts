// The version of this program: put in by the bundler, read from the workspace when the sources run as they are.

import { readFileSync } from 'node:fs';

declare const __JOBSTORM_VERSION__: string;

export function version(): string {
  if (typeof __JOBSTORM_VERSION__ === 'string') return __JOBSTORM_VERSION__;
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
