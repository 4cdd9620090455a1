// `docker ps`: containers of all projects, with Docker's filters and formats.
import type { ContainerSummary } from '../../../api/containers.ts';
import { numberOf } from '../../container/values.ts';
import type { Context } from '../../context.ts';
import { collect } from '../../flags.ts';
import { agoText, commandText, nameOf, portsText } from '../../output/container-text.ts';
import { filtersOf } from '../../output/filters.ts';
import { formatList, labelHeading, type FormatRow } from '../../output/format.ts';
import { goTime, humanSize } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';

interface PsFlags {
  readonly all?: boolean;
  readonly quiet?: boolean;
  readonly size?: boolean;
  readonly latest?: boolean;
  readonly last?: string;
  /** False with --no-trunc. */
  readonly trunc?: boolean;
  readonly format?: string;
  readonly filter?: readonly string[];
}

/** `gantry docker ps`. */
export const ps: DefineVerb = (command, begin) => {
  command
    .option('-a, --all', 'also those that do not run')
    .option('-f, --filter <key=value>', 'only those that fit, repeatable', collect)
    .option('--format <format>', 'table, json, or a Go template')
    .option('-n, --last <count>', 'only the newest, whatever their state')
    .option('-l, --latest', 'only the newest one')
    .option('--no-trunc', 'whole ids and commands')
    .option('-q, --quiet', 'ids only')
    .option('-s, --size', 'with the size of files')
    .action((flags: PsFlags) => begin(async (context) => await runPs(context, flags)));
};

async function runPs(context: Context, flags: PsFlags): Promise<undefined> {
  const docker = await context.docker();
  const last = flags.latest === true ? 1 : (numberOf('last', flags.last) ?? -1);
  const size = flags.size === true || /\.Size\b/.test(flags.format ?? '');
  const containers = await docker.listContainers({
    all: flags.all === true || last > 0,
    ...(last > 0 ? { limit: last } : {}),
    ...(size ? { size } : {}),
    filters: filtersOf(flags.filter),
    abortSignal: context.interrupts.signal,
  });
  if (flags.quiet === true && flags.format !== undefined && flags.format !== '')
    context.remark('WARNING: Ignoring custom format, because both --format and --quiet are set.\n');
  const rows = containers.map((container) => rowOf(container, { full: flags.trunc === false, size }));
  const table = `{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}`;
  context.print(
    formatList({
      rows,
      headings: HEADINGS,
      table: flags.size === true ? `${table}\t{{.Size}}` : table,
      format: flags.quiet === true ? '{{.ID}}' : flags.format,
    }),
  );
  return undefined;
}

const HEADINGS: FormatRow = {
  ...{ ID: 'CONTAINER ID', Image: 'IMAGE', Command: 'COMMAND', RunningFor: 'CREATED', Status: 'STATUS' },
  ...{ Ports: 'PORTS', Names: 'NAMES', Size: 'SIZE', CreatedAt: 'CREATED AT', State: 'STATE', Labels: 'LABELS' },
  ...{ Mounts: 'MOUNTS', LocalVolumes: 'LOCAL VOLUMES', Networks: 'NETWORKS', Label: labelHeading },
};

interface RowStyle {
  readonly full: boolean;
  readonly size: boolean;
}

function rowOf(container: ContainerSummary, { full, size }: RowStyle): FormatRow {
  return {
    ID: full ? container.Id : container.Id.slice(0, 12),
    Image: imageText(container, full),
    Command: commandText(container.Command, full),
    CreatedAt: goTime(container.Created),
    RunningFor: agoText(container.Created),
    Status: container.Status,
    State: container.State,
    Ports: portsText(container.Ports),
    Names: namesText(container, full),
    Size: sizeText(container, size),
    Labels: Object.entries(container.Labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    Mounts: container.Mounts.map(({ Name: name, Source: source }) => cut(name ?? source, full)).join(','),
    LocalVolumes: String(container.Mounts.filter(({ Driver: driver }) => driver === 'local').length),
    Networks: Object.keys(container.NetworkSettings.Networks).join(','),
    Label: (name: unknown) => container.Labels[String(name)] ?? '',
  };
}

/** An image that lost its name is shown by its short id. */
function imageText({ Image: image }: ContainerSummary, full: boolean): string {
  if (image === '') return '<no image>';
  return full ? image : image.replace(/^sha256:([0-9a-f]{12})[0-9a-f]*$/, '$1').replace(/@sha256:[0-9a-f]+$/, '');
}

/** Its own name, and with --no-trunc the names of links to it as well. */
function namesText(container: ContainerSummary, full: boolean): string {
  const names = container.Names.map((name) => name.replace(/^\//, ''));
  return full ? names.join(',') : (names.find((name) => !name.includes('/')) ?? nameOf(container));
}

const cut = (text: string, full: boolean): string => (full || text.length <= 15 ? text : `${text.slice(0, 14)}…`);

function sizeText(container: ContainerSummary, size: boolean): string {
  const own = humanSize(container.SizeRw ?? 0);
  const root = container.SizeRootFs ?? 0;
  return size && root > 0 ? `${own} (virtual ${humanSize(root)})` : own;
}
