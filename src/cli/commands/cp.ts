// `cp`: files and folders between this machine and the containers of a service.
import { GantryError } from '../../base/error.ts';
import type { ObservedContainer } from '../../project/observed.ts';
import type { Context } from '../context.ts';
import { copyFrom, copyTo } from '../copy/copy.ts';
import { copySide } from '../copy/copy-paths.ts';
import { printSteps } from '../dry-run.ts';
import { replicaNumber, selectContainers, type ReplicaFlags } from '../select.ts';
import type { DefineVerb } from '../verb.ts';
import { checkSides, copyOptions, tellCopied, type CopyFlags } from './docker/cp.ts';

interface Flags extends CopyFlags, ReplicaFlags {
  readonly all?: boolean;
}

/** `gantry cp SERVICE:SRC DEST|-` and `gantry cp SRC|- SERVICE:DEST`: into all containers of a service, from one. */
export const cp: DefineVerb = (command, begin) => {
  command
    .argument('<source>')
    .argument('<destination>')
    .option('--all', 'containers that run made as well')
    .option('-a, --archive', "everything becomes the container's user's")
    .option('-L, --follow-link', 'follow a symlink given as the source')
    .option('--index <n>', 'only this replica')
    .action((source: string, destination: string, flags: Flags) =>
      begin(async (context) => {
        await copy(context, source, destination, flags);
        return undefined;
      }),
    );
};

async function copy(context: Context, source: string, destination: string, flags: Flags): Promise<void> {
  const [from, to] = [copySide(source), copySide(destination)];
  checkSides(from.container, to.container);
  const docker = await context.docker();
  const containers = await chosen(context, from.container || to.container, flags);
  if (context.dryRun) {
    const side = (container: string, name: string, path: string): string =>
      container === '' ? path : `${name}:${path}`;
    const steps = (from.container === '' ? containers : containers.slice(0, 1)).map(
      ({ name }) => `copy ${side(from.container, name, from.path)} to ${side(to.container, name, to.path)}`,
    );
    await printSteps(context, 'cp', steps);
    return;
  }
  if (from.container !== '') {
    const [first] = containers;
    const options = copyOptions(context, first?.name ?? '', flags);
    const copied = await copyFrom(docker.getContainer(first?.id ?? ''), from.path, to.path, options);
    tellCopied(context, copied, flags);
    return;
  }
  if (source === '-' && containers.length > 1)
    throw new GantryError('usage/invalid-flag', 'a stream can only be copied into one container', {
      hint: 'choose one with --index',
    });
  for (const { id, name } of containers) {
    const copied = await copyTo(docker.getContainer(id), from.path, to.path, copyOptions(context, name, flags));
    tellCopied(context, copied, flags);
  }
}

/** By number, the lowest first. Throws compose/unknown-service when there is none. */
async function chosen(context: Context, service: string, flags: Flags): Promise<readonly ObservedContainer[]> {
  const index = replicaNumber(flags);
  const { containers } = await selectContainers(context, [service], { oneoffs: flags.all ?? false });
  const found = containers
    .filter((container) => index === undefined || (container.number === index && !container.oneoff))
    .toSorted((a, b) => Number(a.oneoff) - Number(b.oneoff) || a.number - b.number);
  if (found.length > 0) return found;
  const which = index === undefined ? '' : ` with index ${index}`;
  throw new GantryError('compose/unknown-service', `no container found for service "${service}"${which}`, {
    hint: `gantry create ${service}`,
  });
}
