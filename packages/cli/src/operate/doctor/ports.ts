// What the doctor says about the ports that `just server` publishes. Facts in, findings out.

import type { Ports } from '../engine.ts';
import { portVariables } from '../ports.ts';
import { type Finding, fix, ok, warn } from './finding.ts';

export interface PortFact {
  name: keyof Ports;
  port: number;
  /** expected: by this checkout, or by the server that is looked at; jobstorm: by a part of another one; other: by any other program. */
  held: 'free' | 'expected' | 'jobstorm' | 'other';
  /** Who, in words; empty: nobody. */
  holder: string;
}

function checkPort({ name, port, held, holder }: PortFact): Finding {
  const { variable, what } = portVariables[name];
  const id = `port-${port}`;
  const head = `for ${what}:`;
  switch (held) {
    case 'free':
      return ok(id, `${head} free`);
    case 'expected':
      return ok(id, `${head} held by ${holder}`);
    case 'jobstorm':
      return warn(
        id,
        `${head} held by ${holder}, which this checkout did not start`,
        `for a server of this checkout's own besides: ${variable}=${port + 1000} just server`,
      );
    case 'other':
      return fix(id, `${head} in use by ${holder}`, `end that one, or ${variable}=${port + 1000} just server`);
  }
}

export function checkPorts(facts: readonly PortFact[]): Finding[] {
  return facts.map(checkPort);
}
