// `ls`: the projects of an engine, from the labels of their containers.
import type { ContainerSummary } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { LABEL } from '../../project/labels.ts';
import type { Context } from '../context.ts';
import { collect } from '../flags.ts';
import { goJson } from '../output/json.ts';
import { formatTable } from '../output/table.ts';
import type { DefineVerb } from '../verb.ts';

interface LsFlags {
  readonly all?: boolean;
  readonly quiet?: boolean;
  readonly format?: string;
  readonly filter?: readonly string[];
}

/** `gantry ls`. */
export const ls: DefineVerb = (command, begin) => {
  command
    .option('-a, --all', 'also stopped projects')
    .option('-q, --quiet', 'names only')
    .option('--format <format>', 'table or json')
    .option('--filter <filter>', 'name=TEXT', collect)
    .action((flags: LsFlags) => begin(async (context) => await runLs(context, flags)));
};

async function runLs(context: Context, flags: LsFlags): Promise<undefined> {
  const docker = await context.docker();
  const filters = { label: [LABEL.project] };
  const all = await docker.listContainers({ all: flags.all ?? false, filters, abortSignal: context.interrupts.signal });
  const kept = all.filter(
    (container) => LABEL.hash in container.Labels && matches(container.Labels[LABEL.project] ?? '', flags),
  );
  const projects = [...Map.groupBy(kept, (container) => container.Labels[LABEL.project] ?? '')].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  context.print(
    format(
      projects.map(([name, containers]) => rowOf(name, containers)),
      flags,
    ),
  );
  return undefined;
}

function matches(name: string, flags: LsFlags): boolean {
  const wanted = (flags.filter ?? []).map((filter) => {
    const [key, value = ''] = filter.split('=');
    if (key !== 'name') throw new GantryError('usage/invalid-flag', `--filter ${filter}: only name=TEXT is known`);
    return value;
  });
  return wanted.length === 0 || wanted.some((text) => name.includes(text));
}

interface ProjectRow {
  readonly Name: string;
  readonly Status: string;
  readonly ConfigFiles: string;
}

function rowOf(name: string, containers: readonly ContainerSummary[]): ProjectRow {
  const states = [...Map.groupBy(containers, (container) => container.State)].sort(([a], [b]) => (a < b ? -1 : 1));
  const files = new Set(containers.flatMap((container) => (container.Labels[LABEL.configFiles] ?? '').split(',')));
  return {
    Name: name,
    Status: states.map(([state, list]) => `${state}(${list.length})`).join(', '),
    ConfigFiles: [...files].filter((file) => file !== '').join(','),
  };
}

function format(rows: readonly ProjectRow[], flags: LsFlags): string {
  if (flags.quiet === true) return rows.map((row) => `${row.Name}\n`).join('');
  if (flags.format === 'json') return `${goJson(rows)}\n`;
  if (flags.format !== undefined && flags.format !== 'table') {
    throw new GantryError('usage/invalid-flag', `--format ${flags.format}: use table or json`);
  }
  const cells = rows.map((row) => [row.Name, row.Status, row.ConfigFiles]);
  return formatTable(['NAME', 'STATUS', 'CONFIG FILES'], cells, { gap: 4, least: 20 });
}
