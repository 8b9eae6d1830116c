// What a container has used of the CPU, as its engine counts it: two readings make a share of a core.

import { request } from 'node:http';

export interface CpuReading {
  atMs: number;
  cpuSeconds: number;
  /** Periods of the CPU limit that have passed, and those in which it held the container back. */
  periods: number;
  throttledPeriods: number;
}

interface EngineStats {
  /** RFC 3339, of the moment of the reading. */
  read: string;
  cpu_stats: {
    cpu_usage: { total_usage: number };
    throttling_data: { periods: number; throttled_periods: number };
  };
}

const socketPath = () => (process.env.DOCKER_HOST ?? '').replace(/^unix:\/\//, '') || '/var/run/docker.sock';

/** Asks the engine's socket: the docker program shows rounded percentages only. @throws Error when it has no such container */
export function cpuReading(container: string): Promise<CpuReading> {
  const path = `/v1.41/containers/${container}/stats?stream=false&one-shot=true`;
  return new Promise((resolve, reject) => {
    const ask = request({ socketPath: socketPath(), path, agent: false }, (reply) => {
      let text = '';
      reply.setEncoding('utf8').on('data', (piece: string) => {
        text += piece;
      });
      reply.on('end', () => {
        if (reply.statusCode !== 200) return reject(new Error(`the engine says of ${container}: ${text.trim()}`));
        const { read, cpu_stats: cpu } = JSON.parse(text) as EngineStats;
        resolve({
          atMs: Date.parse(read),
          cpuSeconds: cpu.cpu_usage.total_usage / 1e9,
          periods: cpu.throttling_data.periods,
          throttledPeriods: cpu.throttling_data.throttled_periods,
        });
      });
    });
    ask.once('error', reject).end();
  });
}

/** Cores that were used between two readings. */
export function coresBetween(before: CpuReading, after: CpuReading): number {
  return (after.cpuSeconds - before.cpuSeconds) / ((after.atMs - before.atMs) / 1000);
}
