// `docker images`.
import type { ImageSummary } from '../../../api/objects.ts';
import { collect } from '../../flags.ts';
import { agoText } from '../../output/container-text.ts';
import { formatList, type FormatRow } from '../../output/format.ts';
import { goTime, humanSize } from '../../output/human.ts';
import { splitReference } from '../../output/reference.ts';
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';

interface Flags {
  readonly all?: boolean;
  readonly digests?: boolean;
  readonly filter?: readonly string[];
  readonly format?: string;
  readonly quiet?: boolean;
  readonly trunc?: boolean;
}

/** `docker images [REPOSITORY[:TAG]]`. */
export const imageLs: DefineVerb = (command, begin) => {
  command
    .argument('[reference]')
    .option('-a, --all', 'also intermediate images')
    .option('--digests', 'digests as well')
    .option('-f, --filter <filter>', 'KEY=VALUE, repeatable', collect)
    .option('--format <format>', 'table, table TEMPLATE, json, or a Go template')
    .option('--no-trunc', 'whole ids')
    .option('-q, --quiet', 'ids only')
    .action((reference: string | undefined, flags: Flags) =>
      begin(async (context) => {
        const given = filtersOf(flags.filter);
        const filters =
          reference === undefined ? given : { ...given, reference: [...(given['reference'] ?? []), reference] };
        const docker = await context.docker();
        const options = { all: flags.all ?? false, filters, abortSignal: context.interrupts.signal };
        const images = await docker.listImages(options);
        const rows = images.flatMap((image) => imageRows(image, { full: flags.trunc === false, flags }));
        context.print(formatList({ rows, headings: IMAGE_HEADINGS, ...formatOf(flags) }));
        return undefined;
      }),
    );
};

function formatOf({ digests, quiet, format }: Flags): { table: string; format: string | undefined } {
  const digest = digests === true ? '{{.Digest}}\t' : '';
  return {
    table: `{{.Repository}}\t{{.Tag}}\t${digest}{{.ID}}\t{{.CreatedSince}}\t{{.Size}}`,
    format: quiet === true && format === undefined ? '{{.ID}}' : format,
  };
}

/** Headings of a list of images. */
export const IMAGE_HEADINGS: FormatRow = {
  Containers: 'CONTAINERS',
  CreatedAt: 'CREATED AT',
  CreatedSince: 'CREATED',
  Digest: 'DIGEST',
  ID: 'IMAGE ID',
  Repository: 'REPOSITORY',
  SharedSize: 'SHARED SIZE',
  Size: 'SIZE',
  Tag: 'TAG',
  UniqueSize: 'UNIQUE SIZE',
  VirtualSize: 'SIZE',
};

interface Name {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
}

const NONE = '<none>';

/** A row for each name of an image; one without names when it has none. */
export function imageRows(
  image: ImageSummary,
  { full, flags }: { readonly full: boolean; readonly flags: Pick<Flags, 'digests' | 'format'> },
): readonly FormatRow[] {
  const wantsDigest = flags.digests === true || flags.format?.includes('.Digest') === true;
  const common = {
    Containers: numberText(image.Containers),
    CreatedAt: goTime(image.Created),
    CreatedSince: agoText(image.Created),
    ID: full ? image.Id : image.Id.replace(/^sha256:/, '').slice(0, 12),
    SharedSize: sizeText(image.SharedSize),
    Size: humanSize(image.Size),
    UniqueSize: image.SharedSize < 0 ? 'N/A' : humanSize(image.Size - image.SharedSize, 4),
    VirtualSize: humanSize(image.Size, 4),
  };
  return namesOf(image, wantsDigest).map(({ repository, tag, digest }) => ({
    ...common,
    Digest: digest,
    Repository: repository,
    Tag: tag,
  }));
}

const numberText = (count: number): string => (count < 0 ? 'N/A' : String(count));
const sizeText = (bytes: number): string => (bytes < 0 ? 'N/A' : humanSize(bytes, 4));

/** With digests asked for, every tag with every digest of its repository; digests of repositories without a tag always. */
function namesOf(image: ImageSummary, wantsDigest: boolean): readonly Name[] {
  const tags = listOf(image.RepoTags)
    .filter((name) => name !== '<none>:<none>')
    .map(splitReference);
  const digests = listOf(image.RepoDigests)
    .filter((name) => name !== '<none>@<none>')
    .map((name) => ({
      repository: name.split('@')[0] ?? '',
      digest: name.split('@')[1] ?? '',
    }));
  const tagged = new Set(tags.map(({ repository }) => repository));
  const rows = tags.flatMap(({ repository, tag }): readonly Name[] => {
    const own = wantsDigest ? digests.filter((one) => one.repository === repository) : [];
    return own.length === 0
      ? [{ repository, tag, digest: NONE }]
      : own.map(({ digest }) => ({ repository, tag, digest }));
  });
  const bare = digests.filter(({ repository }) => !tagged.has(repository)).map((one) => ({ ...one, tag: NONE }));
  const all = [...rows, ...bare];
  return all.length === 0 ? [{ repository: NONE, tag: NONE, digest: NONE }] : all;
}

/** Docker's answers have null for none in some places. */
function listOf(names: readonly string[] | null): readonly string[] {
  return names ?? [];
}
