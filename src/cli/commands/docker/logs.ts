// `docker logs`: what a container wrote, its two streams on ours.
import { pipeline } from 'node:stream/promises';
import { demuxStream } from '../../../client/demux.ts';
import type { DefineVerb } from '../../verb.ts';
import { timeOf } from '../../time.ts';

interface LogsFlags {
  readonly details?: boolean;
  readonly follow?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly tail?: string;
  readonly timestamps?: boolean;
}

/** `gantry docker logs`. */
export const logs: DefineVerb = (command, begin) => {
  command
    .argument('<container>')
    .option('--details', 'with attributes given to the log')
    .option('-f, --follow', 'go on with what is written from now on')
    .option('--since <time>', 'from this time on, or 10m')
    .option('--until <time>', 'up to this time, or 10m')
    .option('-n, --tail <lines>', 'only so many lines from the end', 'all')
    .option('-t, --timestamps', 'with times')
    .action((name: string, flags: LogsFlags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const { signal } = context.interrupts;
        const found = await docker.getContainer(name).inspect({ abortSignal: signal });
        const query = {
          ...{ stdout: true, stderr: true, details: flags.details ?? false, follow: flags.follow ?? false },
          ...{ timestamps: flags.timestamps ?? false, tail: flags.tail ?? 'all' },
          ...{ since: timeOf(flags.since), until: timeOf(flags.until) },
        };
        const path = `/containers/${encodeURIComponent(found.Id)}/logs`;
        const answer = await docker.modem.open({ method: 'GET', path, query, abortSignal: signal });
        const { stdout, stderr } = context.io;
        if (found.Config.Tty === true) await pipeline(answer, stdout, { end: false });
        else await demuxStream(answer, stdout, stderr);
        return 0;
      }),
    );
};
