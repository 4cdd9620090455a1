// Runs the jobs of one transfer side by side. How many work at once is the jobs' own matter.

/** Runs all jobs; the first failure ends the others and is thrown once they have ended. */
export async function together<T>(
  jobs: readonly T[],
  signal: AbortSignal,
  run: (job: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const failures: unknown[] = [];
  await Promise.all(
    jobs.map(async (job) => {
      try {
        await run(job, either);
      } catch (error) {
        failures.push(error);
        stop.abort(error);
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}
