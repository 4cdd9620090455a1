// `docker stop`, `restart`, `kill`, `pause`, `unpause`, `rename`, `wait`: one call for each container.
import { numberOf } from '../../container/values.ts';
import type { Command } from '../../args/command.ts';
import type { DefineVerb } from '../../verb.ts';
import { eachContainer, eachInTurn, type EachWork } from './each-container.ts';

interface StopFlags {
  readonly signal?: string;
  readonly time?: string;
}

const defineStop = (command: Command): Command =>
  command
    .argument('<containers...>')
    .option('-s, --signal <signal>', 'signal to send')
    .option('-t, --time <seconds>', 'seconds to wait before it is killed');

const stopOptions = ({ signal, time }: StopFlags): { signal: string | undefined; t: number | undefined } => ({
  signal,
  t: numberOf('time', time),
});

/** `gantry docker stop`. */
export const stop: DefineVerb = (command, begin) => {
  defineStop(command).action((names: string[], flags: StopFlags) =>
    begin(async (context) => {
      const options = stopOptions(flags);
      return await eachContainer(context, names, async (container) => await container.stop(options));
    }),
  );
};

/** `gantry docker restart`. */
export const restart: DefineVerb = (command, begin) => {
  defineStop(command).action((names: string[], flags: StopFlags) =>
    begin(async (context) => {
      const options = stopOptions(flags);
      return await eachInTurn(context, names, async (container) => await container.restart(options));
    }),
  );
};

/** `gantry docker kill`. */
export const kill: DefineVerb = (command, begin) => {
  command
    .argument('<containers...>')
    .option('-s, --signal <signal>', 'signal to send, KILL unless given')
    .action((names: string[], { signal }: StopFlags) =>
      begin(
        async (context) => await eachContainer(context, names, async (container) => await container.kill({ signal })),
      ),
    );
};

const simple =
  (work: EachWork): DefineVerb =>
  (command, begin) => {
    command
      .argument('<containers...>')
      .action((names: string[]) => begin(async (context) => await eachContainer(context, names, work)));
  };

/** `gantry docker pause`. */
export const pause = simple(async (container) => await container.pause());

/** `gantry docker unpause`. */
export const unpause = simple(async (container) => await container.unpause());

/** `gantry docker rename`. */
export const rename: DefineVerb = (command, begin) => {
  command
    .argument('<container>')
    .argument('<name>')
    .action((old: string, name: string) =>
      begin(async (context) => {
        await (await context.docker()).getContainer(old).rename({ name });
        return 0;
      }),
    );
};
