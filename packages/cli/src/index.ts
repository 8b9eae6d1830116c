// The only door to cli.

export { type PerfTestConfig, perfTestHelp, perfTestSettings, readPerfTest } from './config.ts';
export { type ProjectSide, projectName } from './operate/checkout.ts';
export { perfTest } from './perf-test.ts';
export { version } from './version.ts';
