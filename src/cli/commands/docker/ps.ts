// `docker ps`: containers of all projects, with Docker's filters and formats.
import type { ContainerSummary } from '../../../api/containers.ts';
import { collect } from '../../flags.ts';
import type { Context } from '../../context.ts';
import { agoText, commandText, nameOf, portsText } from '../../output/container-text.ts';
import { printInspected } from '../../output/inspect.ts';
import { formatTable } from '../../output/table.ts';
import type { DefineVerb } from '../../verb.ts';

interface DockerPsFlags {
  readonly all?: boolean;
  readonly quiet?: boolean;
  readonly trunc?: boolean;
  readonly format?: string;
  readonly filter?: readonly string[];
}

/** `gantry docker ps`. */
export const ps: DefineVerb = (command, begin) => {
  command
    .option('-a, --all', 'also those that do not run')
    .option('-q, --quiet', 'ids only')
    .option('--no-trunc', 'whole ids and commands')
    .option('--format <format>', 'json, or a template of {{.Field}}')
    .option('-f, --filter <filter>', 'KEY=VALUE, repeatable', collect)
    .action((flags: DockerPsFlags) => begin(async (context) => await runPs(context, flags)));
};

async function runPs(context: Context, flags: DockerPsFlags): Promise<undefined> {
  const docker = await context.docker();
  const pairs = (flags.filter ?? []).map(
    (filter) => [filter.slice(0, filter.indexOf('=')), filter.slice(filter.indexOf('=') + 1)] as const,
  );
  const filters = Object.fromEntries(
    [...Map.groupBy(pairs, ([key]) => key)].map(([key, list]) => [key, list.map(([, value]) => value)]),
  );
  const containers = await docker.listContainers({
    all: flags.all ?? false,
    filters,
    abortSignal: context.interrupts.signal,
  });
  const rows = containers.map((container) => rowOf(container, flags.trunc === false));
  if (flags.quiet === true) context.print(rows.map((row) => `${row.ID}\n`).join(''));
  else if (flags.format !== undefined) context.print(printInspected(rows, flags.format));
  else {
    const header = ['CONTAINER ID', 'IMAGE', 'COMMAND', 'CREATED', 'STATUS', 'PORTS', 'NAMES'];
    const cells = rows.map((row) => [row.ID, row.Image, row.Command, row.RunningFor, row.Status, row.Ports, row.Names]);
    context.print(formatTable(header, cells));
  }
  return undefined;
}

interface DockerPsRow {
  readonly ID: string;
  readonly Image: string;
  readonly Command: string;
  readonly RunningFor: string;
  readonly Status: string;
  readonly State: string;
  readonly Ports: string;
  readonly Names: string;
}

function rowOf(container: ContainerSummary, full: boolean): DockerPsRow {
  return {
    ID: full ? container.Id : container.Id.slice(0, 12),
    Image: container.Image,
    Command: commandText(container.Command, full),
    RunningFor: agoText(container.Created),
    Status: container.Status,
    State: container.State,
    Ports: portsText(container.Ports),
    Names: nameOf(container),
  };
}
