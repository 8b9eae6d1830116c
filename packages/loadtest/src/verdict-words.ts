// What the verdict's rules share: when a part counts as busy, and how that is said.

import type { CpuShare } from './measurements.ts';

/** Of a cap that takes several cores: from here on it counts as reached. */
export const full = 0.9;
/** Of a part that is one thread: garbage collection and the kernel's share keep it from showing 100%. */
export const busySingle = 0.8;
/** Held back in so many of the periods that the mean over the run says too little. */
export const oftenThrottled = 0.25;
/** From here on the quota, not the number of threads, is what holds it. */
export const mostlyThrottled = 0.5;
export const shareOf = ({ usedCores, capCores }: CpuShare): number | null =>
  usedCores === null || capCores === null || capCores === 0 ? null : usedCores / capCores;
export const percent = (share: number): string => `${Math.round(share * 100)}%`;
export const count = (value: number): string => Math.round(value).toLocaleString('en-GB');
export const isBusy = (cpu: CpuShare): boolean => (shareOf(cpu) ?? 0) >= busySingle;

export function cpuEvidence(name: string, cpu: CpuShare): string {
  if (cpu.usedCores === null) return `${name}: CPU not known`;
  const share = shareOf(cpu);
  const cap = share === null ? '' : ` of ${cpu.capCores} (${percent(share)})`;
  return `${name} used ${cpu.usedCores.toFixed(2)} cores${cap}`;
}
