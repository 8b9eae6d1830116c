// The machine that figures come from; they mean nothing without it.

import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  cores: number;
  cpu: string;
  memoryGiB: number;
  node: string;
  os: string;
  /** Over the last minute, when the measurements began. */
  loadAtStart: number;
}

/** Above this others use the cores that are measured. */
const quietLoad = 0.5;

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown CPU',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    os: `${process.platform} ${process.arch}`,
    loadAtStart: Math.round(loadavg()[0]! * 100) / 100,
  };
}

/** Lines for people; the second one only when the machine is not quiet. */
export function machineLines(machine: Machine): string[] {
  const { cores, cpu, memoryGiB, node, os, loadAtStart } = machine;
  const lines = [`machine: ${cores} cores, ${cpu}, ${memoryGiB} GiB, ${os}, Node ${node}, load ${loadAtStart}`];
  if (loadAtStart > quietLoad) {
    lines.push(
      `warning: a load of ${loadAtStart} at the start: something else uses the cores, so these figures are disturbed`,
    );
  }
  return lines;
}
