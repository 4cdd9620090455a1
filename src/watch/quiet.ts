// Waits until changes pause: short for what is cheap to do again, long for what is not.

/** When something changed, as `performance.now()`. */
export interface ChangeTimes {
  /** The first change that nothing was done about yet. */
  first: number;
  last: number;
}

/** How long it must be quiet, and how long a burst may put things off, ms. */
export interface Quiet {
  readonly pause: number;
  readonly most: number;
}

/** Before a copy: a save is a few events within a millisecond or two. */
export const BEFORE_COPY: Quiet = { pause: 8, most: 40 };
/** Before a restart, a rebuild or a command: a checkout or an install is one change. */
export const BEFORE_ACTION: Quiet = { pause: 120, most: 5000 };

/** Resolves when it was quiet long enough, or at once when the signal is aborted. */
export async function untilQuiet(times: ChangeTimes, quiet: Quiet, signal: AbortSignal): Promise<void> {
  for (;;) {
    const due = Math.min(times.last + quiet.pause, times.first + quiet.most) - performance.now();
    if (due <= 0 || signal.aborted) return;
    await sleep(due, signal);
  }
}

/** Resolves after this time, or at once when the signal is aborted. */
export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const end = (): void => resolve(undefined);
  const timer = setTimeout(end, ms);
  signal.addEventListener('abort', end, { once: true });
  await promise;
  clearTimeout(timer);
  signal.removeEventListener('abort', end);
}
