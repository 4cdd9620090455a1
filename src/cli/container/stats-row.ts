// One row of `stats`: Docker's arithmetic over a sample. Pure.
import type { ContainerStats } from '../../api/stats.ts';
import { humanBinarySize, humanSize } from '../output/human.ts';
import type { FormatRow } from '../output/format.ts';

/** The usual table. */
export const STATS_TABLE =
  '{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}';

/** Its headings. */
export const STATS_HEADINGS: FormatRow = {
  BlockIO: 'BLOCK I/O',
  CPUPerc: 'CPU %',
  Container: 'CONTAINER',
  ID: 'CONTAINER ID',
  MemPerc: 'MEM %',
  MemUsage: 'MEM USAGE / LIMIT',
  Name: 'NAME',
  NetIO: 'NET I/O',
  PIDs: 'PIDS',
};

/** A row; `container` is what it was asked for by. */
export function statsRow(stats: ContainerStats, container: string, truncate: boolean): FormatRow {
  const { usage, limit } = memory(stats);
  const { received, sent } = network(stats);
  const { read, written } = blocks(stats);
  return {
    BlockIO: `${humanSize(read)} / ${humanSize(written)}`,
    CPUPerc: `${cpuPercent(stats).toFixed(2)}%`,
    Container: container,
    ID: truncate ? stats.id.slice(0, 12) : stats.id,
    MemPerc: `${(limit === 0 ? 0 : (usage / limit) * 100).toFixed(2)}%`,
    MemUsage: `${humanBinarySize(usage)} / ${humanBinarySize(limit)}`,
    Name: stats.name.replace(/^\//, ''),
    NetIO: `${humanSize(received)} / ${humanSize(sent)}`,
    PIDs: String(stats.pids_stats.current ?? 0),
  };
}

/** Of one processor; all of two busy ones are 200. */
export function cpuPercent({ cpu_stats: now, precpu_stats: before }: ContainerStats): number {
  const own = now.cpu_usage.total_usage - before.cpu_usage.total_usage;
  const machine = (now.system_cpu_usage ?? 0) - (before.system_cpu_usage ?? 0);
  const cpus = now.online_cpus || (now.cpu_usage.percpu_usage?.length ?? 0);
  return own > 0 && machine > 0 ? (own / machine) * cpus * 100 : 0;
}

/** Without what the kernel can drop at once. */
function memory({ memory_stats: { usage = 0, limit = 0, stats = {} } }: ContainerStats): {
  readonly usage: number;
  readonly limit: number;
} {
  const droppable = stats['total_inactive_file'] ?? stats['inactive_file'] ?? 0;
  return { usage: droppable < usage ? usage - droppable : usage, limit };
}

function network({ networks = {} }: ContainerStats): { readonly received: number; readonly sent: number } {
  const all = Object.values(networks);
  return {
    received: all.reduce((sum, { rx_bytes }) => sum + rx_bytes, 0),
    sent: all.reduce((sum, { tx_bytes }) => sum + tx_bytes, 0),
  };
}

function blocks({ blkio_stats }: ContainerStats): { readonly read: number; readonly written: number } {
  const entries = blkio_stats.io_service_bytes_recursive ?? [];
  const sum = (letter: string): number =>
    entries.filter(({ op }) => op.toLowerCase().startsWith(letter)).reduce((total, { value }) => total + value, 0);
  return { read: sum('r'), written: sum('w') };
}
