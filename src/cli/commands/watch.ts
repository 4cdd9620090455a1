// `watch`: starts the services unless told not to, then keeps their containers up to date with the files.
import { GantryError } from '../../base/error.ts';
import { bringUp, rebuildService } from '../bring-up.ts';
import type { Context } from '../context.ts';
import { prepareWatch } from '../watch-run.ts';
import type { DefineVerb } from '../verb.ts';

interface WatchFlags {
  readonly up?: boolean;
  readonly quiet?: boolean;
  readonly prune?: boolean;
}

/** `gantry watch`. */
export const watch: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('--no-up', 'start nothing first')
    .option('--quiet', 'hide the output of builds')
    .option('--prune', 'remove images that a rebuild replaced (the default)')
    .option('--no-prune', 'keep images that a rebuild replaced')
    .action((services: string[], flags: WatchFlags) =>
      begin(async (context) => await watchVerb(context, services, flags)),
    );
};

async function watchVerb(context: Context, services: readonly string[], flags: WatchFlags): Promise<number> {
  const project = await context.project();
  for (const service of services) {
    if (service in project.services) continue;
    throw new GantryError('compose/unknown-service', `no such service: ${service}`, {
      hint: `services: ${Object.keys(project.services).join(', ')}`,
    });
  }
  const { quiet: quietBuild = false, prune = true } = flags;
  const rebuild = async (own: Context, service: string): Promise<void> =>
    await rebuildService(own, service, { quietBuild });
  const watch = await prepareWatch(context, { project, services, rebuild, prune });
  if (flags.up !== false) await bringUp(context, services, { detach: true, build: true, quietBuild });
  if (context.dryRun) return 0;
  const end = new AbortController();
  const quit = context.interrupts.handle(() => end.abort());
  try {
    await watch(end.signal);
  } finally {
    quit();
  }
  return end.signal.aborted ? 130 : 0;
}
