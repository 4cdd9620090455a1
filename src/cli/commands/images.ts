// `images`: the images of the containers that exist, not of the files.
import type { ContainerSummary } from '../../api/containers.ts';
import type { ImageSummary } from '../../api/objects.ts';
import { GantryError } from '../../base/error.ts';
import { sameImage } from '../../project/image-names.ts';
import { LABEL } from '../../project/labels.ts';
import type { Context } from '../context.ts';
import { nameOf } from '../output/container-text.ts';
import { humanSize } from '../output/human.ts';
import { goJson } from '../output/json.ts';
import { splitReference } from '../output/reference.ts';
import { formatTable } from '../output/table.ts';
import type { DefineVerb } from '../verb.ts';

interface ImagesFlags {
  readonly quiet?: boolean;
  readonly format?: string;
}

/** `gantry images`. */
export const images: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-q, --quiet', 'ids only')
    .option('--format <format>', 'table or json')
    .action((services: string[], flags: ImagesFlags) =>
      begin(async (context) => await runImages(context, services, flags)),
    );
};

async function runImages(context: Context, services: readonly string[], flags: ImagesFlags): Promise<undefined> {
  const [docker, name] = await Promise.all([context.docker(), context.projectName()]);
  const abortSignal = context.interrupts.signal;
  const [containers, all] = await Promise.all([
    docker.listContainers({ all: true, filters: { label: [`${LABEL.project}=${name}`, LABEL.hash] }, abortSignal }),
    docker.listImages({ all: true, abortSignal }),
  ]);
  const rows = containers
    .filter((container) => services.length === 0 || services.includes(container.Labels[LABEL.service] ?? ''))
    .map((container) => rowOf(container, all))
    .sort((a, b) => (a.ContainerName < b.ContainerName ? -1 : 1));
  context.print(format(rows, flags));
  return undefined;
}

interface ImageRow {
  readonly ID: string;
  readonly ContainerName: string;
  readonly Repository: string;
  readonly Tag: string;
  readonly Size: number;
}

function rowOf(container: ContainerSummary, all: readonly ImageSummary[]): ImageRow {
  const image = all.find((at) => at.Id === container.ImageID);
  const named =
    image !== undefined && sameImage(image, container.Image)
      ? container.Image
      : (image?.RepoTags[0] ?? container.Image);
  const { repository, tag } = splitReference(named);
  return {
    ID: container.ImageID,
    ContainerName: nameOf(container),
    Repository: repository,
    Tag: tag,
    Size: image?.Size ?? 0,
  };
}

function format(rows: readonly ImageRow[], flags: ImagesFlags): string {
  const short = (id: string): string => id.replace(/^sha256:/, '').slice(0, 12);
  if (flags.quiet === true)
    return [...new Set(rows.map((row) => row.ID.replace(/^sha256:/, '')))].map((id) => `${id}\n`).join('');
  if (flags.format === 'json') return `${goJson(rows)}\n`;
  if (flags.format !== undefined && flags.format !== 'table') {
    throw new GantryError('usage/invalid-flag', `--format ${flags.format}: use table or json`);
  }
  // docker compose gives this table's cells a width of at least 20
  const cells = rows.map((row) => [row.ContainerName, row.Repository, row.Tag, short(row.ID), humanSize(row.Size)]);
  return formatTable(['CONTAINER', 'REPOSITORY', 'TAG', 'IMAGE ID', 'SIZE'], cells, { gap: 4, least: 20 });
}
