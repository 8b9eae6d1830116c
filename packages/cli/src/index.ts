// The only door to cli.

export { type PerfTestConfig, perfTestHelp, perfTestSettings, readPerfTest } from './config.ts';
export { perfTest } from './perf-test.ts';
export { version } from './version.ts';
