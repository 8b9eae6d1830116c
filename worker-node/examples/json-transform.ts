// A job that makes one document of another, as between two systems. It has nothing to wait for: its cost is CPU, a little a job.
//
//   node bin/jobstorm worker 200 --jobs worker-node/examples/json-transform.ts
//   args: [{ id, lines: [{ sku, quantity, priceCents }] }]

import type { Middleware } from '@jobstorm/worker-node';

export interface Order {
  id: string;
  lines: { sku: string; quantity: number; priceCents: number }[];
}

export interface Invoice {
  order: string;
  items: Record<string, number>;
  totalCents: number;
}

export function invoice({ id, lines }: Order): Invoice {
  const items: Record<string, number> = {};
  let totalCents = 0;
  for (const { sku, quantity, priceCents } of lines) {
    if (quantity < 0) throw new RangeError(`order ${id} has ${quantity} of ${sku}`);
    items[sku] = (items[sku] ?? 0) + quantity;
    totalCents += quantity * priceCents;
  }
  return { order: id, items, totalCents };
}

/** Around every job of this module: what failed says which job it was. */
export const middleware: Middleware[] = [
  async ({ job }, next) => {
    try {
      await next();
    } catch (error) {
      throw new Error(`${job.jobtype} ${job.jid}: ${(error as Error).message}`, { cause: error });
    }
  },
];
