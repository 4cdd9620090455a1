// `docker system df`: what images, containers, volumes and the build cache take.
import type { DiskUsage } from '../../../api/usage.ts';
import { formatList, type FormatRow } from '../../output/format.ts';
import { humanSize } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';

interface Flags {
  readonly format?: string;
  readonly verbose?: boolean;
}

/** `docker system df`. */
export const systemDf: DefineVerb = (command, begin) => {
  command
    .option('--format <format>', 'table, table TEMPLATE, json, or a Go template')
    .option('-v, --verbose', 'every object')
    .action(({ format, verbose }: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const usage = await docker.df({ abortSignal: context.interrupts.signal });
        if (verbose === true) {
          const { usageText } = await import('./system-df-verbose.ts');
          context.print(usageText(usage, format));
        } else context.print(formatList({ rows: summary(usage), headings: HEADINGS, table: TABLE, format }));
        return undefined;
      }),
    );
};

const TABLE = '{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}';

const HEADINGS: FormatRow = {
  Active: 'ACTIVE',
  Reclaimable: 'RECLAIMABLE',
  Size: 'SIZE',
  TotalCount: 'TOTAL',
  Type: 'TYPE',
};

/** One row a kind, in Docker's order. */
function summary(usage: DiskUsage): readonly FormatRow[] {
  return [imagesRow(usage), containersRow(usage), volumesRow(usage), cacheRow(usage)];
}

interface Kind {
  readonly type: string;
  readonly total: number;
  readonly active: number;
  /** Bytes. */
  readonly size: number;
  readonly used: number;
  /** Images say 0% too. */
  readonly always?: boolean;
}

function rowOf({ type, total, active, size, used, always = false }: Kind): FormatRow {
  const reclaimable = Math.max(0, size - used);
  const share = size > 0 && (always || reclaimable > 0) ? ` (${Math.trunc((reclaimable * 100) / size)}%)` : '';
  return {
    Active: String(active),
    Reclaimable: `${humanSize(reclaimable, 4)}${share}`,
    Size: humanSize(size, 4),
    TotalCount: String(total),
    Type: type,
  };
}

/** What images in use take is not told apart from what they share: Docker counts it the same way. */
function imagesRow({ Images, LayersSize }: DiskUsage): FormatRow {
  const images = Images ?? [];
  const used = images.filter((image) => image.Containers > 0);
  const bytes = used.reduce((sum, image) => sum + image.Size - Math.max(0, image.SharedSize), 0);
  return rowOf({
    type: 'Images',
    total: images.length,
    active: used.length,
    size: LayersSize,
    used: bytes,
    always: true,
  });
}

function containersRow({ Containers }: DiskUsage): FormatRow {
  const containers = Containers ?? [];
  const alive = containers.filter(({ State }) => ['running', 'paused', 'restarting'].includes(State));
  const bytes = (list: typeof containers): number => list.reduce((sum, { SizeRw = 0 }) => sum + SizeRw, 0);
  return rowOf({
    type: 'Containers',
    total: containers.length,
    active: alive.length,
    size: bytes(containers),
    used: bytes(alive),
  });
}

function volumesRow({ Volumes }: DiskUsage): FormatRow {
  const volumes = Volumes ?? [];
  const used = volumes.filter(({ UsageData }) => (UsageData?.RefCount ?? 0) > 0);
  const bytes = (list: typeof volumes): number =>
    list.reduce((sum, { UsageData }) => sum + Math.max(0, UsageData?.Size ?? 0), 0);
  return rowOf({
    type: 'Local Volumes',
    total: volumes.length,
    active: used.length,
    size: bytes(volumes),
    used: bytes(used),
  });
}

function cacheRow({ BuildCache }: DiskUsage): FormatRow {
  const entries = (BuildCache ?? []).filter(({ Shared }) => !Shared);
  const used = entries.filter(({ InUse }) => InUse);
  const bytes = (list: typeof entries): number => list.reduce((sum, { Size }) => sum + Size, 0);
  const row = rowOf({
    type: 'Build Cache',
    total: (BuildCache ?? []).length,
    active: used.length,
    size: bytes(entries),
    used: bytes(used),
  });
  return { ...row, Reclaimable: humanSize(bytes(entries) - bytes(used), 4) };
}
