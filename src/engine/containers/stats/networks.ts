// Counters of a container's interfaces, read from the kernel's table of its network namespace.
import type { NetworkStats } from '../../../api/stats.ts';
import type { ContainerRecord } from '../record.ts';
import { textOf } from './files.ts';

/** By interface, without the loopback; undefined when it has none of its own. */
export async function networkStats({
  host,
  state,
}: ContainerRecord): Promise<Readonly<Record<string, NetworkStats>> | undefined> {
  if (host.NetworkMode === 'host') return undefined;
  const found = parseNetDev(await textOf(`/proc/${state.pid}/net`, 'dev'));
  return Object.keys(found).length === 0 ? undefined : found;
}

/** /proc/net/dev: two lines of heading, then `NAME: ` and sixteen numbers. */
export function parseNetDev(text: string): Readonly<Record<string, NetworkStats>> {
  const lines = text.split('\n').flatMap((line) => {
    const [, name = '', rest] = /^\s*([^:|\s]+):\s*([\d\s]+)$/.exec(line) ?? [];
    return rest === undefined || name === 'lo' ? [] : [[name, counters(rest)] as const];
  });
  return Object.fromEntries(lines);
}

function counters(text: string): NetworkStats {
  const values = text.trim().split(/\s+/).map(Number);
  const at = (index: number): number => values[index] ?? 0;
  return {
    ...{ rx_bytes: at(0), rx_packets: at(1), rx_errors: at(2), rx_dropped: at(3) },
    ...{ tx_bytes: at(8), tx_packets: at(9), tx_errors: at(10), tx_dropped: at(11) },
  };
}
