// The verdict's rules about how jobs come in: was what was offered taken as it came, and if not, which part on the way in held it back?

import { withApiSetting } from './advice.ts';
import type { Measurements } from './measurements.ts';
import { again, moreServer } from './next-step.ts';
import type { Found, Rule } from './verdict.ts';
import { count, cpuEvidence, isBusy, mostlyThrottled, percent, shareOf } from './verdict-words.ts';

/** No job ran while jobs were submitted: only who takes them in can have held them back. */
export const enqueueOnly: Rule = (m) => {
  if (m.measured !== 'enqueue') return null;
  const evidence = [cpuEvidence('api', m.cpu.api), cpuEvidence('server', m.cpu.server)];
  return keptUp(m, evidence) ?? supplier(m, evidence) ?? batcher(m, evidence);
};

/** Workers took what was offered as it came: the machine may be full of others, and still nothing was held back. */
export const offered: Rule = (m) =>
  m.depth?.deepShare != null && m.depth.deepShare < 0.5 ? keptUp(m, shortQueue(m)) : null;

function shortQueue(m: Measurements): string[] {
  return [
    `the queue was short most of the time (${count(m.depth!.max)} jobs at most): workers took jobs as fast as they came in`,
    cpuEvidence('workers', m.cpu.workers),
  ];
}

/** A quota of the generator's own held it back while the queue stood empty: no matter who else is busy, it was what was measured. */
export const generatorCapped: Rule = (m) => {
  const { generator } = m.cpu;
  if (generator.throttledShare == null || generator.throttledShare < mostlyThrottled || !isBusy(generator)) return null;
  if (m.depth?.deepShare == null || m.depth.deepShare >= 0.5) return null;
  const evidence = [
    cpuEvidence('generator', generator),
    `the generator was throttled in ${percent(generator.throttledShare)} of the periods`,
    ...shortQueue(m),
  ];
  return { bottleneck: 'generator', evidence, advice: 'give the generator more CPU: a quota holds it back' };
};

/** The queue stood empty and workers had CPU to spare: jobs came in no faster. Who held them back? */
export const starved: Rule = (m) => {
  if (m.depth?.deepShare == null || m.depth.deepShare >= 0.5) return null;
  const evidence = shortQueue(m);
  return supplier(m, evidence) ?? batcher(m, evidence);
};

function keptUp(m: Measurements, evidence: string[]): Found | null {
  if (m.ratePerS === null || (m.submitPerS ?? 0) < 0.98 * m.ratePerS) return null;
  return {
    bottleneck: 'offered-rate',
    evidence: [`it kept up with the ${count(m.ratePerS)} jobs/s that were offered`, ...evidence],
    advice: again({ ...m, completePerS: m.ratePerS * 2 }, { rate: String(Math.round(m.ratePerS * 2)) }),
  };
}

/** A part on the way in that had no CPU left. */
function supplier(m: Measurements, evidence: string[]): Found | null {
  const { api, generator, server } = m.cpu;
  if (isBusy(api) && (shareOf(api) ?? 0) >= (shareOf(generator) ?? 0)) {
    const advice =
      m.via === 'api' ? again(m, { via: 'batch' }) : withApiSetting(m.settings, 'BATCH_MAX_SIZE=500', again(m));
    return { bottleneck: 'api', evidence: [cpuEvidence('api', api), ...evidence], advice };
  }
  if (isBusy(generator)) {
    const advice =
      m.via === 'direct'
        ? `a second generator: at the same time, on another host, ${again(m)}`
        : again(m, { via: m.via === 'api' ? 'batch' : 'direct' });
    return { bottleneck: 'generator', evidence: [cpuEvidence('generator', generator), ...evidence], advice };
  }
  if (!isBusy(server)) return null;
  return { bottleneck: 'server', evidence: [cpuEvidence('server', server), ...evidence], advice: moreServer(m) };
}

function batcher(m: Measurements, evidence: string[]): Found | null {
  const { batchWaitP50Us: wait, submitP50Us: whole } = m;
  if (m.via === 'direct' || wait === null || whole === null || whole === 0 || wait < 0.5 * whole) return null;
  const shown = `waiting for a batch was ${percent(wait / whole)} of a submission (p50 ${(wait / 1000).toFixed(1)} ms)`;
  return {
    bottleneck: 'batcher',
    evidence: [shown, ...evidence],
    advice: withApiSetting(m.settings, 'BATCH_MAX_DELAY_MS=10', again(m)),
  };
}
