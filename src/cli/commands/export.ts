// `export`: the file system of a service's container as a tar.
import { GantryError } from '../../base/error.ts';
import { printSteps } from '../dry-run.ts';
import { writeStream } from '../output/write-stream.ts';
import { selectOne, type ReplicaFlags } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

interface Flags extends ReplicaFlags {
  readonly output?: string;
}

/** `gantry export SERVICE`. */
export const exportVerb: DefineVerb = (command, begin) => {
  command
    .argument('<service>')
    .option('--index <n>', 'of this replica')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .action((service: string, flags: Flags) =>
      begin(async (context) => {
        if (flags.output === undefined && context.io.stdout.isTTY === true) {
          throw new GantryError('usage/invalid-flag', 'an archive is not written to a terminal', {
            hint: 'give -o FILE, or redirect the output',
          });
        }
        const { id, name } = await selectOne(context, service, flags);
        if (context.dryRun) {
          await printSteps(context, 'export', [`export ${name} to ${flags.output ?? 'standard output'}`]);
          return undefined;
        }
        const docker = await context.docker();
        const container = docker.getContainer(id);
        const archive = await container.export({ abortSignal: context.interrupts.signal });
        await writeStream(context, archive, flags.output);
        return undefined;
      }),
    );
};
