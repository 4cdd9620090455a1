// What a shim leaves behind when nobody listened: its exit record in the run folder.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroupProcesses, removeCgroup } from '../shim/cgroup-root.ts';
import type { ExitReport } from '../shim/shim-client.ts';
import { SIGKILL } from './signals.ts';
import type { Container } from './container.ts';
import { cgroupOf, pathsOf, type Containers } from './context.ts';
import { nowNanoseconds } from './time.ts';

/** 128 + SIGKILL. */
const KILLED = 137;

/** The end of a container whose shim is gone: from its record, or "killed" when it left none. */
export async function lostShimReport(containers: Containers, container: Container): Promise<ExitReport> {
  const recorded = await readExitRecord(containers, container.id);
  if (recorded !== undefined) return recorded;
  killLeftovers(containers, container);
  return { status: KILLED, oom: 0, finishedNs: nowNanoseconds() };
}

/** The record in the run folder: lines of `name=number`, written by the shim before it tells anyone. */
async function readExitRecord(containers: Containers, id: string): Promise<ExitReport | undefined> {
  const text = await readFile(join(pathsOf(containers, id).run, 'exit'), 'utf8').catch(absent);
  const values = new Map(
    text.split('\n').map((line): [string, string] => [line.split('=')[0] ?? '', line.split('=')[1] ?? '']),
  );
  const finished = values.get('finished');
  if (finished === undefined) return undefined;
  return {
    status: Number(values.get('status') ?? KILLED),
    oom: Number(values.get('oom') ?? 0),
    finishedNs: BigInt(finished),
  };
}

function absent(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}

/** A process outlives its shim only for moments; whatever is still in its cgroup ends now. */
function killLeftovers(containers: Containers, container: Container): void {
  const path = cgroupOf(containers, container);
  for (const pid of cgroupProcesses(containers.facts.cgroups, path)) {
    try {
      process.kill(pid, SIGKILL);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
  removeCgroup(containers.facts.cgroups, path);
}
