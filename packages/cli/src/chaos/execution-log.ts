// What the workers of a chaos-test wrote down of the jobs that they ran, also those that were killed. See chaos-jobs.ts.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ledger } from '@jobstorm/telemetry';

export class ExecutionLog {
  /** A folder of its own, until `remove`. */
  readonly folder: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'jobstorm-chaos-'));
  }

  /** Every job that was run, as written down so far. A last entry that was cut off is left out. */
  read(): Ledger {
    const ledger = new Ledger();
    for (const name of readdirSync(this.folder)) {
      const entries = readFileSync(join(this.folder, name));
      for (let at = 0; at + 4 <= entries.length; at += 4) ledger.mark(entries.readUInt32LE(at));
    }
    return ledger;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
