// What every method of the client takes beside its own options, and small helpers around it.
import type { Query } from './query.ts';

/** Ends the call, also while its answer is still coming. */
export interface CallOptions {
  readonly abortSignal?: AbortSignal | undefined;
}

/** Options split into the query and the signal. */
export function splitSignal(options: CallOptions): { query: Query; abortSignal: AbortSignal | undefined } {
  const { abortSignal, ...query } = options;
  return { query, abortSignal };
}
