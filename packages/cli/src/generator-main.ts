// A generator process: one stripe of a run's jobs, sent when it is told to. It ends when it is told to, and when its parent is gone.
//
//   ready ──open──▶ connections up ──go──▶ sends, tells how far it is ──▶ done (totals and histograms)

import { type SubmitTotals, totalsData } from '@jobstorm/loadtest';
import { measureUsage } from '@jobstorm/telemetry';
import type { FromGenerator, GeneratorTask, ToGenerator } from './generator-talk.ts';
import { watchLoop } from './loop-watch.ts';
import { openSubmission, type Submission } from './submission.ts';

const tellEveryMs = 100;

const enough = new AbortController();
let submission: Submission | null = null;

function tell(message: FromGenerator): void {
  if (process.connected) process.send?.(message, undefined, {}, () => {});
}

function fail(error: unknown): void {
  const { code, message } = Object(error) as { code?: string; message?: string };
  tell({ type: 'failed', code: code ?? 'EUNEXPECTED', message: message ?? String(error) });
}

async function open(task: GeneratorTask): Promise<void> {
  submission = await openSubmission(task);
  tell({ type: 'open' });
}

async function go({ totals, phases, start }: Submission, startUs: number): Promise<void> {
  const told = setInterval(() => tellTotals(totals), tellEveryMs);
  const loop = watchLoop();
  await start(enough.signal, startUs);
  clearInterval(told);
  const { submit, sendLag } = phases;
  const result = { totals: totalsData(totals), submit: submit.toJSON(), sendLag: sendLag?.toJSON() ?? null };
  tell({ type: 'done', result: { ...result, loopDelay: loop() } });
}

function tellTotals(totals: SubmitTotals): void {
  tell({ type: 'totals', totals: totalsData(totals) });
}

process.on('SIGINT', () => {}); // a terminal's ctrl-C is the parent's to decide
process.on('disconnect', () => process.exit(1));
process.on('message', (message: ToGenerator) => {
  switch (message.type) {
    case 'open':
      open(message.task).catch(fail);
      break;
    case 'go':
      if (submission) go(submission, message.startUs).catch(fail);
      break;
    case 'enough':
      enough.abort();
      void submission?.close();
      break;
    case 'usage':
      tell({ type: 'usage', usage: measureUsage() });
  }
});
tell({ type: 'ready' });
