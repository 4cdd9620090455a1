// What the two commit verbs share: flags, the call, the line with the image's id.
import type { Command } from './args/command.ts';
import type { Context } from './context.ts';
import { collect } from './flags.ts';
import { splitReference } from './output/reference.ts';

/** Flags of a commit. */
export interface CommitFlags {
  readonly author?: string;
  readonly change?: readonly string[];
  readonly message?: string;
  readonly pause?: boolean;
}

/** A container and the name its image gets. */
export interface CommitRequest {
  readonly container: string;
  readonly reference: string | undefined;
  readonly flags: CommitFlags;
}

/** Adds the flags to a command. */
export function commitFlags(command: Command): Command {
  return command
    .option('-a, --author <text>', 'who made it, for example "Ada <ada@example.com>"')
    .option('-c, --change <instruction>', 'Dockerfile instruction to apply, repeatable', collect)
    .option('-m, --message <text>', 'message for the history')
    .option('-p, --pause', 'let the container stand still meanwhile (default; --pause=false does not)');
}

/** Commits and prints the image's id. */
export async function runCommit(context: Context, { container, reference, flags }: CommitRequest): Promise<undefined> {
  const docker = await context.docker();
  const { repository, tag } = splitReference(reference ?? '');
  const { Id } = await docker.getContainer(container).commit({
    ...(reference === undefined ? {} : { repo: repository, tag }),
    ...(flags.change === undefined ? {} : { changes: flags.change }),
    author: flags.author,
    comment: flags.message,
    pause: flags.pause !== false,
    abortSignal: context.interrupts.signal,
  });
  context.print(`${Id}\n`);
  return undefined;
}
