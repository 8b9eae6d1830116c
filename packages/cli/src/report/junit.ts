// A run as a JUnit file: a test case for each thing that it is held to, so that CI shows a threshold that failed as a failed test.

import type { RunResult } from '@jobstorm/loadtest';
import { type Check, checksOf } from './checks.ts';
import { escapeText as esc } from './markup.ts';

function caseXml({ name, shown, passed, reason }: Check): string {
  const open = `    <testcase classname="jobstorm" name="${esc(name)}"`;
  if (passed) return `${open}/>`;
  const inner =
    passed === null
      ? `<skipped message="${esc(reason ?? '')}"/>`
      : `<failure message="${esc(reason ?? '')}">${esc(`${name}: ${shown}`)}</failure>`;
  return `${open}>${inner}</testcase>`;
}

export function junitXml(r: RunResult): string {
  const checks = checksOf(r);
  const count = (passed: boolean | null) => checks.filter((check) => check.passed === passed).length;
  const tally = `tests="${checks.length}" failures="${count(false)}" errors="0" skipped="${count(null)}"`;
  const figures: [string, number | string | null][] = [
    ['run', r.run.id],
    ['server', r.environment.server],
    ['completePerS', r.throughput.completePerS],
    ['submitPerS', r.throughput.submitPerS],
    ['endToEndP50Us', r.latencyUs.endToEnd?.p50 ?? null],
    ['endToEndP99Us', r.latencyUs.endToEnd?.p99 ?? null],
    ['bottleneck', r.verdict.bottleneck],
  ];
  const properties = figures
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `      <property name="${name}" value="${esc(String(value))}"/>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="jobstorm" ${tally}>`,
    `  <testsuite name="${esc(r.run.command)}" timestamp="${esc(r.run.startedAt.replace(/Z$/, ''))}" ${tally}>`,
    '    <properties>',
    ...properties,
    '    </properties>',
    ...checks.map(caseXml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
