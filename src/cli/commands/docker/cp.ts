// `docker cp`: files and folders between this machine and a container.
import { GantryError } from '../../../base/error.ts';
import type { Context } from '../../context.ts';
import { copyFrom, copyTo, type Copied, type CopyOptions } from '../../copy/copy.ts';
import { copySide } from '../../copy/copy-paths.ts';
import { isTerminal } from '../../io.ts';
import { humanSize } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';

/** Flags of a copy. */
export interface CopyFlags {
  readonly archive?: boolean;
  readonly followLink?: boolean;
  readonly quiet?: boolean;
}

/** `docker cp CONTAINER:SRC DEST|-` and `docker cp SRC|- CONTAINER:DEST`. */
export const cp: DefineVerb = (command, begin) => {
  command
    .argument('<source>')
    .argument('<destination>')
    .option('-a, --archive', "everything becomes the container's user's")
    .option('-L, --follow-link', 'follow a symlink given as the source')
    .option('-q, --quiet', 'say nothing of what was copied')
    .action((source: string, destination: string, flags: CopyFlags) =>
      begin(async (context) => {
        const [from, to] = [copySide(source), copySide(destination)];
        checkSides(from.container, to.container);
        const docker = await context.docker();
        const name = from.container === '' ? to.container : from.container;
        const options = copyOptions(context, name, flags);
        const container = docker.getContainer(name);
        const copied =
          from.container === ''
            ? await copyTo(container, from.path, to.path, options)
            : await copyFrom(container, from.path, to.path, options);
        tellCopied(context, copied, flags);
        return undefined;
      }),
    );
};

/** Exactly one side is a container. Throws usage/invalid-flag in Docker's words. */
export function checkSides(from: string, to: string): void {
  if (from !== '' && to !== '')
    throw new GantryError('usage/invalid-flag', 'copying between containers is not supported');
  if (from === '' && to === '')
    throw new GantryError('usage/invalid-flag', 'must specify at least one container source');
}

/** What a copy is made with. */
export function copyOptions(context: Context, name: string, flags: CopyFlags): CopyOptions {
  const { io, cwd, interrupts } = context;
  const how = { follow: flags.followLink ?? false, archive: flags.archive ?? false };
  return { ...how, cwd, name, stdin: io.stdin, stdout: io.stdout, signal: interrupts.signal };
}

/** Says what was copied, on a terminal. */
export function tellCopied(context: Context, copied: Copied | undefined, { quiet = false }: CopyFlags): void {
  if (copied === undefined || quiet || !isTerminal(context.io.stderr)) return;
  context.remark(`Successfully copied ${humanSize(copied.bytes)} to ${copied.to}\n`);
}
