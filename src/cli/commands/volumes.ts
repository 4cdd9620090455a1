// `volumes`: the volumes of the project, or those that services mount.
import type { Volume } from '../../api/objects.ts';
import { LABEL } from '../../project/labels.ts';
import type { Context } from '../context.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';
import { volumesText, type VolumeListFlags } from './docker/volume-ls.ts';

/** `gantry volumes [SERVICE…]`. */
export const volumes: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-q, --quiet', 'names only')
    .option('--format <format>', 'table, table TEMPLATE, json, or a Go template')
    .action((services: string[], flags: VolumeListFlags) =>
      begin(async (context) => {
        context.print(volumesText(await volumesOf(context, services), flags));
        return undefined;
      }),
    );
};

async function volumesOf(context: Context, services: readonly string[]): Promise<readonly Volume[]> {
  const [docker, name] = await Promise.all([context.docker(), context.projectName()]);
  const abortSignal = context.interrupts.signal;
  const { Volumes } = await docker.listVolumes({ filters: { label: [`${LABEL.project}=${name}`] }, abortSignal });
  if (services.length === 0) return Volumes;
  const { containers } = await selectContainers(context, services);
  const mounted = new Set(containers.flatMap(({ mounts }) => mounts.map((mount) => mount.name)));
  return Volumes.filter((volume) => mounted.has(volume.Name));
}
