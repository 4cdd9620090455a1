// `docker history`.
import type { HistoryItem } from '../../../api/objects.ts';
import { agoText } from '../../output/container-text.ts';
import { formatList, type FormatRow } from '../../output/format.ts';
import { humanSize } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';

interface Flags {
  readonly format?: string;
  readonly human?: boolean | string;
  readonly quiet?: boolean;
  readonly trunc?: boolean;
}

/** `docker history IMAGE`. */
export const imageHistory: DefineVerb = (command, begin) => {
  command
    .argument('<image>')
    .option('--format <format>', 'table, table TEMPLATE, json, or a Go template')
    .option('-H, --human', 'sizes and times for people (default)')
    .option('--no-human', 'sizes in bytes, times in full')
    .option('--no-trunc', 'whole ids and commands')
    .option('-q, --quiet', 'ids only')
    .action((name: string, flags: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const items = await docker.getImage(name).history({ abortSignal: context.interrupts.signal });
        const look = { human: flags.human !== false, full: flags.trunc === false };
        const rows = items.map((item) => rowOf(item, look));
        const created = look.human ? '{{.CreatedSince}}' : '{{.CreatedAt}}';
        const table = `{{.ID}}\t${created}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}`;
        const format = flags.quiet === true && flags.format === undefined ? '{{.ID}}' : flags.format;
        context.print(formatList({ rows, headings: HEADINGS, table, format }));
        return undefined;
      }),
    );
};

const HEADINGS: FormatRow = {
  Comment: 'COMMENT',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  CreatedSince: 'CREATED',
  ID: 'IMAGE',
  Size: 'SIZE',
};

/** Docker cuts commands to 45 columns. */
const COMMAND_WIDTH = 45;

function rowOf(item: HistoryItem, { human, full }: { readonly human: boolean; readonly full: boolean }): FormatRow {
  const command = item.CreatedBy.replaceAll('\t', ' ');
  const isShort = full || command.length <= COMMAND_WIDTH;
  const id = item.Id.replace(/^sha256:/, '');
  return {
    Comment: item.Comment,
    CreatedAt: new Date(item.Created * 1000).toISOString().replace('.000Z', 'Z'),
    CreatedBy: isShort ? command : `${command.slice(0, COMMAND_WIDTH - 1)}…`,
    CreatedSince: agoText(item.Created),
    ID: full ? item.Id : item.Id.startsWith('<') ? item.Id : id.slice(0, 12),
    Size: human ? humanSize(item.Size) : String(item.Size),
  };
}
