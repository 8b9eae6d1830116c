// Waiting for a condition, always bounded. Tests poll through this instead of sleeping for a guessed time.

export interface UntilOptions {
  /** Give up after this long, in ms. */
  timeoutMs?: number;
  /** Pause between two looks, in ms. */
  intervalMs?: number;
}

/**
 * Resolves with the first value of `look` that is neither false, null nor undefined.
 * @param what said in the error: `waited 30000 ms for …`
 * @throws Error when it does not come in time; what `look` throws ends the wait at once
 */
export async function until<T>(
  what: string,
  look: () => T | false | null | undefined | Promise<T | false | null | undefined>,
  { timeoutMs = 30_000, intervalMs = 5 }: UntilOptions = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== false && value !== null && value !== undefined) return value;
    if (performance.now() >= deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((done) => setTimeout(done, intervalMs));
  }
}
