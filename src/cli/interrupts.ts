// SIGINT and SIGTERM of a command: the first asks it to stop in its own way, the second to hurry, the third ends it.

/** Takes the count of signals so far, from 1. */
export type InterruptHandler = (count: number) => void;

/** The signals of this process. */
export interface Interrupts {
  /** Aborted at the first signal, unless a verb handles signals itself. */
  readonly signal: AbortSignal;
  /** A verb's own way; gives the way back. */
  handle(handler: InterruptHandler): () => void;
  /** Hands every signal that can be caught on, instead of acting on it; gives the way back. */
  forward(send: (signal: string) => void): () => void;
  /** Stops listening. */
  dispose(): void;
}

/** Signals that a terminal or a supervisor sends. */
const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGWINCH'] as const;

/** How many signals end the process, whatever it does. */
const LEAVE_AT = 3;

/** Listens; `leave` ends the process at once. */
export function listenForInterrupts(source: NodeJS.EventEmitter, leave: () => void): Interrupts {
  const controller = new AbortController();
  const handlers: InterruptHandler[] = [];
  let count = 0;
  const onSignal = (): void => {
    count += 1;
    if (count >= LEAVE_AT) leave();
    const handler = handlers.at(-1);
    if (handler === undefined) controller.abort();
    else handler(count);
  };
  for (const name of ['SIGINT', 'SIGTERM']) source.on(name, onSignal);
  return {
    signal: controller.signal,
    handle: (handler) => {
      handlers.push(handler);
      return () => void handlers.splice(handlers.indexOf(handler), 1);
    },
    forward: (send) => {
      const sends = FORWARDED.map((name) => [name, (): void => send(name)] as const);
      for (const [name, listener] of sends) source.on(name, listener);
      const quiet: InterruptHandler = () => undefined;
      handlers.push(quiet);
      return () => {
        for (const [name, listener] of sends) source.off(name, listener);
        handlers.splice(handlers.indexOf(quiet), 1);
      };
    },
    dispose: () => {
      for (const name of ['SIGINT', 'SIGTERM']) source.off(name, onSignal);
    },
  };
}
