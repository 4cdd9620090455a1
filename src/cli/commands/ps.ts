// `ps`: the containers of a project, as docker compose lists them. One list call, none per container.
import type { ContainerSummary } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { LABEL } from '../../project/labels.ts';
import type { Context } from '../context.ts';
import { collect } from '../flags.ts';
import { agoText, commandText, exitCodeIn, healthOf, nameOf, portsText } from '../output/container-text.ts';
import { goTime } from '../output/human.ts';
import { printInspected } from '../output/inspect.ts';
import { goJson } from '../output/json.ts';
import { formatTable } from '../output/table.ts';
import type { DefineVerb } from '../verb.ts';

interface PsFlags {
  readonly all?: boolean;
  readonly quiet?: boolean;
  readonly services?: boolean;
  readonly status?: readonly string[];
  readonly filter?: readonly string[];
  readonly format?: string;
  readonly trunc?: boolean;
  readonly orphans?: boolean;
}

/** `gantry ps`. */
export const ps: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-a, --all', 'also those that do not run')
    .option('-q, --quiet', 'ids only')
    .option('--services', 'names of services only')
    .option('--status <state>', 'only containers in this state, repeatable', collect)
    .option('--filter <filter>', 'status=STATE', collect)
    .option('--format <format>', 'table, json, or a template of {{.Field}}')
    .option('--no-trunc', 'do not shorten commands')
    .option('--orphans', 'also services that are not in the files, which is so unless --orphans=false')
    .option('--no-orphans', 'leave out services that are not in the files')
    .action((services: string[], flags: PsFlags) => begin(async (context) => await runPs(context, services, flags)));
};

async function runPs(context: Context, services: readonly string[], flags: PsFlags): Promise<undefined> {
  const [docker, name] = await Promise.all([context.docker(), context.projectName()]);
  const all = await docker.listContainers({
    all: true,
    filters: { label: [`${LABEL.project}=${name}`, LABEL.hash] },
    abortSignal: context.interrupts.signal,
  });
  await checkNamed(context, services, all);
  const wanted = await select(context, all, { services, flags });
  context.print(
    format(
      wanted.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)),
      flags,
    ),
  );
  return undefined;
}

async function checkNamed(
  context: Context,
  services: readonly string[],
  all: readonly ContainerSummary[],
): Promise<void> {
  const present = new Set(all.map((container) => container.Labels[LABEL.service]));
  if (services.every((name) => present.has(name))) return;
  const project = await context.projectIfAny();
  const { checkServices } = await import('../select.ts');
  checkServices(
    services.filter((name) => !present.has(name)),
    project,
    [],
  );
}

interface Choice {
  readonly services: readonly string[];
  readonly flags: PsFlags;
}

async function select(
  context: Context,
  all: readonly ContainerSummary[],
  { services, flags }: Choice,
): Promise<readonly ContainerSummary[]> {
  const known =
    flags.orphans === false ? new Set(Object.keys((await context.projectIfAny())?.services ?? {})) : undefined;
  const states = wantedStates(flags);
  return all.filter((container) => {
    const service = container.Labels[LABEL.service] ?? '';
    if (services.length > 0 && !services.includes(service)) return false;
    if (known !== undefined && !known.has(service)) return false;
    if (states.length > 0) return states.includes(container.State);
    const isOneOff = container.Labels[LABEL.oneoff]?.toLowerCase() === 'true';
    return flags.all === true || (['running', 'paused', 'restarting'].includes(container.State) && !isOneOff);
  });
}

function wantedStates(flags: PsFlags): readonly string[] {
  const filters = (flags.filter ?? []).map((filter) => {
    const [key, value] = filter.split('=');
    if (key === 'status' && value !== undefined) return value;
    throw new GantryError('usage/invalid-flag', `--filter ${filter}: only status=STATE is known`);
  });
  return [...(flags.status ?? []), ...filters];
}

function format(containers: readonly ContainerSummary[], flags: PsFlags): string {
  if (flags.quiet === true) return lines(containers.map((container) => container.Id));
  if (flags.services === true)
    return lines([...new Set(containers.map((container) => container.Labels[LABEL.service] ?? ''))]);
  const kind = flags.format ?? 'table';
  if (kind === 'json') return lines(containers.map((container) => goJson(psJson(container, flags.trunc === false))));
  if (kind.includes('{{'))
    return printInspected(
      containers.map((at) => psJson(at, flags.trunc === false)),
      kind,
    );
  if (kind !== 'table') throw new GantryError('usage/invalid-flag', `--format ${kind}: use table, json or a template`);
  const header = ['NAME', 'IMAGE', 'COMMAND', 'SERVICE', 'CREATED', 'STATUS', 'PORTS'];
  return formatTable(
    header,
    containers.map((container) => row(container, flags.trunc === false)),
  );
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

function row(container: ContainerSummary, full: boolean): readonly string[] {
  return [
    nameOf(container),
    container.Image,
    commandText(container.Command, full),
    container.Labels[LABEL.service] ?? '',
    agoText(container.Created),
    container.Status,
    portsText(container.Ports),
  ];
}

/** Keys in the order docker compose prints them. */
function psJson(container: ContainerSummary, full: boolean): Readonly<Record<string, unknown>> {
  const mounts = container.Mounts.map((mount) => mount.Name ?? mount.Source);
  const cut = (text: string): string => (full || text.length <= 15 ? text : `${text.slice(0, 14)}…`);
  return {
    Command: commandText(container.Command, full),
    CreatedAt: goTime(container.Created),
    ExitCode: exitCodeIn(container.Status),
    Health: healthOf(container.Status),
    ID: full ? container.Id : container.Id.slice(0, 12),
    Image: container.Image,
    Labels: Object.entries(container.Labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(','),
    LocalVolumes: String(container.Mounts.filter((mount) => mount.Driver === 'local').length),
    Mounts: mounts.map(cut).join(','),
    Name: nameOf(container),
    Names: nameOf(container),
    Networks: Object.keys(container.NetworkSettings.Networks).join(','),
    Ports: portsText(container.Ports),
    Project: container.Labels[LABEL.project] ?? '',
    Publishers: publishers(container),
    RunningFor: agoText(container.Created),
    Service: container.Labels[LABEL.service] ?? '',
    Size: '0B',
    State: container.State,
    Status: container.Status,
  };
}

function publishers(container: ContainerSummary): readonly object[] | null {
  if (container.Ports.length === 0) return null;
  return container.Ports.map((port) => ({
    URL: port.IP ?? '',
    TargetPort: port.PrivatePort,
    PublishedPort: port.PublicPort ?? 0,
    Protocol: port.Type,
  }));
}
