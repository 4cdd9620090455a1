// Waits for what becomes of a container.
import type { WaitAnswer } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import type { Container, Ended } from './container.ts';
import type { Containers } from './context.ts';

/** What is waited for. */
export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

/** Reads a condition; nothing = not-running. Throws engine/bad-parameter. */
export function parseCondition(text: string | undefined): WaitCondition {
  if (text === undefined || text === '' || text === 'not-running') return 'not-running';
  if (text === 'next-exit' || text === 'removed') return text;
  throw new GantryError('engine/bad-parameter', `invalid condition: "${text}"`);
}

/** Begins to wait: from here on no end is missed. The result settles when it has come, or when the signal is aborted. */
export function waitFor(
  _containers: Containers,
  container: Container,
  wait: { readonly condition: WaitCondition; readonly signal: AbortSignal },
): Promise<WaitAnswer | undefined> {
  const { promise, resolve } = Promise.withResolvers<WaitAnswer | undefined>();
  const undo: (() => void)[] = [() => wait.signal.removeEventListener('abort', aborted)];
  const finish = (answer: WaitAnswer | undefined): void => {
    for (const step of undo) step();
    resolve(answer);
  };
  const aborted = (): void => finish(undefined);
  wait.signal.addEventListener('abort', aborted);
  if (wait.signal.aborted) finish(undefined);
  else if (wait.condition === 'removed') undo.push(container.onRemoved(() => finish(lastEnd(container))));
  else if (wait.condition === 'not-running' && !runs(container)) finish(lastEnd(container));
  else undo.push(container.onEnd((ended) => finish(toAnswer(ended))));
  return promise;
}

function runs({ record }: Container): boolean {
  return ['running', 'paused', 'restarting'].includes(record.state.status);
}

function lastEnd({ record }: Container): WaitAnswer {
  return toAnswer({ exitCode: record.state.exitCode, error: record.state.error });
}

/** A start that failed has told its words to who started it: here they would be printed a second time. */
function toAnswer({ exitCode }: Ended): WaitAnswer {
  return { StatusCode: exitCode };
}
