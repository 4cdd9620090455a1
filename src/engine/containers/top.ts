// The processes of a container, as the host's ps shows them.
import { GantryError } from '../../base/error.ts';
import { runProcess } from '../../base/process.ts';
import { cgroupProcesses } from '../shim/cgroup-root.ts';
import type { Container } from './container.ts';
import { cgroupOf, emit, type Containers } from './context.ts';
import { mustDo } from './life-cycle.ts';

/** Answer of GET /containers/{id}/top. */
export interface TopAnswer {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[];
}

/** Runs ps with the client's options and keeps the container's lines. Throws engine/conflict when it does not run. */
export async function topContainer(containers: Containers, container: Container, psArgs: string): Promise<TopAnswer> {
  mustDo('top', container.record);
  const args = (psArgs === '' ? '-ef' : psArgs).split(/\s+/).filter(Boolean);
  const result = await runProcess('ps', args, {
    signal: containers.engine.signal,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  });
  if (result.status !== 0) throw new GantryError('engine/internal', `Error running ps: ${result.stderr.trim()}`);
  emit(containers, container, 'top');
  return parsePs(result.stdout, new Set(cgroupProcesses(containers.facts.cgroups, cgroupOf(containers, container))));
}

/** The last column may hold blanks. Throws engine/internal when ps shows no PID. */
export function parsePs(output: string, pids: ReadonlySet<number>): TopAnswer {
  const [head = '', ...lines] = output.split('\n');
  const titles = head.trim().split(/\s+/);
  const column = titles.indexOf('PID');
  if (column < 0) throw new GantryError('engine/internal', "Couldn't find PID field in ps output");
  const rows = lines.filter((line) => line.trim() !== '').map((line) => splitColumns(line, titles.length));
  return { Titles: titles, Processes: rows.filter((row) => pids.has(Number(row[column]))) };
}

function splitColumns(line: string, count: number): string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, count - 1), words.slice(count - 1).join(' ')];
}
