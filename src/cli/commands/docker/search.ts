// `docker search`.
import { findCredentials, registryOf } from '../../../client/docker-config.ts';
import type { SearchItem } from '../../../client/registry.ts';
import { collect, integerOf } from '../../flags.ts';
import { formatList, type FormatRow } from '../../output/format.ts';
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';

interface Flags {
  readonly filter?: readonly string[];
  readonly format?: string;
  readonly limit?: string;
  readonly trunc?: boolean;
}

const DESCRIPTION = 45;

/** `docker search TERM`; a term such as `localhost:5001/busybox` is looked for at that host. */
export const search: DefineVerb = (command, begin) => {
  command
    .argument('<term>')
    .option('-f, --filter <filter>', 'is-official=true, stars=3 …, repeatable', collect)
    .option('--format <format>', 'a Go template')
    .option('--limit <number>', 'most results')
    .option('--no-trunc', 'whole descriptions')
    .action((term: string, flags: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const found = await docker.searchImages({
          term,
          limit: flags.limit === undefined ? undefined : integerOf('--limit', flags.limit, 1),
          filters: filtersOf(flags.filter),
          authconfig: await findCredentials(context.env, registryOf(term)),
          abortSignal: context.interrupts.signal,
        });
        const rows = found.toSorted((a, b) => b.star_count - a.star_count).map((item) => rowOf(item, flags));
        const table = '{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}';
        context.print(formatList({ rows, headings: HEADINGS, table, format: flags.format }));
        return undefined;
      }),
    );
};

const HEADINGS: FormatRow = {
  Name: 'NAME',
  Description: 'DESCRIPTION',
  StarCount: 'STARS',
  IsOfficial: 'OFFICIAL',
  IsAutomated: 'AUTOMATED',
};

function rowOf(item: SearchItem, flags: Flags): FormatRow {
  const text = item.description.replace(/[\r\n]+/g, ' ');
  return {
    Name: item.name,
    Description: flags.trunc === false || text.length <= DESCRIPTION ? text : `${text.slice(0, DESCRIPTION - 1)}…`,
    StarCount: String(item.star_count),
    IsOfficial: item.is_official ? '[OK]' : '',
    IsAutomated: item.is_automated ? '[OK]' : '',
  };
}
