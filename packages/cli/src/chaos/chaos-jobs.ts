// The jobs module of the workers that chaos-test kills: a job takes its time and is then written down, in a file of this process, before it
// is acknowledged. Invariant: what is written survives the process's SIGKILL, since the system has it once the call returns.
//
//   JOBSTORM_CHAOS_LOG   folder of the files: 4 bytes for each run of a job, its sequence number, least byte first
//   JOBSTORM_CHAOS_MS    how long a job takes

import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

interface ChaosContext {
  job: { custom?: Record<string, unknown> };
}

const { JOBSTORM_CHAOS_LOG: folder, JOBSTORM_CHAOS_MS: serviceText } = process.env;
const serviceMs = Number(serviceText);
const entry = Buffer.alloc(4);
let file: number | null = null;

function writeDown(seq: unknown): void {
  if (folder === undefined || typeof seq !== 'number' || !(seq >= 0 && seq < 2 ** 32)) return;
  // A process id may come again within a run.
  file ??= openSync(join(folder, `${process.pid}-${Math.round(performance.timeOrigin)}.log`), 'a');
  entry.writeUInt32LE(seq);
  writeSync(file, entry);
}

/** The one job type: `chaos`. */
export const chaos = () => async (context: ChaosContext) => {
  if (serviceMs > 0) await new Promise((resolve) => setTimeout(resolve, serviceMs));
  writeDown(context.job.custom?.seq);
};
