// `docker network ls`.
import type { NetworkInspect } from '../../../api/objects.ts';
import { collect } from '../../flags.ts';
import { formatList, labelHeading, type FormatRow } from '../../output/format.ts';
import { goTime } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';
import { labelsText } from './volume-ls.ts';

interface Flags {
  readonly filter?: readonly string[];
  readonly format?: string;
  readonly quiet?: boolean;
  readonly trunc?: boolean;
}

/** `docker network ls`. */
export const networkLs: DefineVerb = (command, begin) => {
  command
    .option('-f, --filter <filter>', 'KEY=VALUE, repeatable', collect)
    .option('--format <format>', 'table, table TEMPLATE, json, or a Go template')
    .option('--no-trunc', 'whole ids')
    .option('-q, --quiet', 'ids only')
    .action((flags: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const options = { filters: filtersOf(flags.filter), abortSignal: context.interrupts.signal };
        const networks = await docker.listNetworks(options);
        const rows = networks
          .toSorted((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true }))
          .map((network) => rowOf(network, flags.trunc === false));
        const format = flags.quiet === true && flags.format === undefined ? '{{.ID}}' : flags.format;
        context.print(
          formatList({ rows, headings: HEADINGS, table: '{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}', format }),
        );
        return undefined;
      }),
    );
};

const HEADINGS: FormatRow = {
  CreatedAt: 'CREATED AT',
  Driver: 'DRIVER',
  ID: 'NETWORK ID',
  IPv6: 'IPV6',
  Internal: 'INTERNAL',
  Label: labelHeading,
  Labels: 'LABELS',
  Name: 'NAME',
  Scope: 'SCOPE',
};

function rowOf(network: NetworkInspect, full: boolean): FormatRow {
  const labels = network.Labels;
  return {
    CreatedAt: goTime(Date.parse(network.Created) / 1000, /\.\d+/.exec(network.Created)?.[0]),
    Driver: network.Driver,
    ID: full ? network.Id : network.Id.slice(0, 12),
    IPv6: String(network.EnableIPv6),
    Internal: String(network.Internal),
    Label: (name: unknown) => labels[String(name)] ?? '',
    Labels: labelsText(labels),
    Name: network.Name,
    Scope: network.Scope,
  };
}
