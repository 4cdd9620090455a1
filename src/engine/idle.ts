// Ends the engine when nobody needs it: one timer, armed only while there is nothing to do, so an engine at rest never wakes.

/** What decides about idleness. */
export interface IdleOptions {
  /** How long nothing must happen, in seconds; 0 = stay for ever. */
  readonly seconds: number;
  readonly isBusy: () => boolean;
  /** Called once. */
  readonly onIdle: () => void;
}

/** The watch over idleness. */
export interface IdleWatch {
  /** Something changed: a connection came or went, a container ended. */
  touch(): void;
  close(): void;
}

/** Starts watching; the first `touch` arms it. */
export function watchIdle(options: IdleOptions): IdleWatch {
  let timer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    clearTimeout(timer);
    timer = undefined;
  };
  const expired = (): void => {
    stop();
    if (!options.isBusy()) options.onIdle();
  };
  return {
    touch() {
      stop();
      if (options.seconds > 0 && !options.isBusy()) timer = setTimeout(expired, options.seconds * 1000);
    },
    close: stop,
  };
}
