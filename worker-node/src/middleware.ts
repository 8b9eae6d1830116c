// Functions around every job, in koa's form as faktory-worker takes them: `async (context, next) => { …; await next(); … }`.
//
//   first ─▶ second ─▶ … ─▶ the handler ─▶ … ─▶ second ─▶ first
//
// A job ends as the first one does: well, also when `next` was never called; badly when it throws or rejects.

import type { HandlerContext } from './handlers.ts';

/** `next` settles when the handler, and the middleware between, have; it may be called once. */
export type Middleware = (context: HandlerContext, next: () => Promise<unknown>) => unknown;

/** One function of all, the first one outermost, around `last`. */
export function compose<C extends HandlerContext>(
  middleware: readonly Middleware[],
  last: (context: C) => Promise<unknown>,
): (context: C) => Promise<unknown> {
  return (context) => {
    let called = -1;
    const call = async (at: number): Promise<unknown> => {
      if (at <= called) throw new Error('next() was called twice by one middleware');
      called = at;
      const fn = middleware[at];
      return fn ? fn(context, () => call(at + 1)) : last(context);
    };
    return call(0);
  };
}
