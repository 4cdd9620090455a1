// A `gantry watch` (or `up --watch`) that runs beside a test, which waits for what it writes.
import { once } from 'node:events';
import { startProcess } from '../../src/base/process.ts';
import { GANTRY, type Stage } from './stage.ts';

/** A running watch. */
export interface Watching {
  /** Resolves with all that was written so far once it fits; what was written before counts from `from` on. */
  until(pattern: RegExp, from?: number): Promise<string>;
  /** How much was written so far. */
  written(): number;
  /** Sends SIGINT and gives the exit status. */
  stop(): Promise<number | null>;
}

/** Starts `gantry ARGS` in the stage's folder. */
export function startWatching(stage: Stage, args: readonly string[], cwd: string = stage.folder): Watching {
  const child = startProcess('nsenter', [...stage.host.enter(GANTRY, args)], {
    cwd,
    env: { ...stage.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  let text = '';
  const waiters = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const waiter of waiters) waiter();
    });
  }
  return {
    written: () => text.length,
    until: async (pattern, from = 0) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = (): void => {
        if (pattern.test(text.slice(from))) resolve(text);
      };
      waiters.add(look);
      look();
      void ended.then(([code]) => reject(new Error(`watch ended with status ${String(code)}:\n${text}`)));
      const timer = setTimeout(() => reject(new Error(`never written: ${String(pattern)} in:\n${text}`)), 30_000);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        waiters.delete(look);
      }
    },
    stop: async () => {
      child.kill('SIGINT');
      const [code] = await ended;
      return code;
    },
  };
}
