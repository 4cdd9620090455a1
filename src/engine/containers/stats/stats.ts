// Samples of what a container uses: one, one with the one before it, or one a second for as long as the client listens.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import type { ContainerStats } from '../../../api/stats.ts';
import { GantryError } from '../../../base/error.ts';
import type { Container } from '../container.ts';
import { cgroupOf, type Containers } from '../context.ts';
import { isAlive } from '../record.ts';
import { NEVER, now } from '../time.ts';
import { blkioStats, NO_BLKIO } from './blkio.ts';
import { cpuStats, NO_CPU } from './cpu.ts';
import { memoryStats, pidsStats } from './memory.ts';
import { networkStats } from './networks.ts';
import { writeOut } from '../../http/write-out.ts';

/** How samples are wanted. */
export interface StatsOptions {
  /** One a second; else one, with the one before it. */
  readonly stream: boolean;
  /** One alone, at once. */
  readonly oneShot: boolean;
}

const INTERVAL_MS = 1000;

/** Throws engine/bad-parameter for what cannot be had together. */
export function checkStats({ stream, oneShot }: StatsOptions): void {
  if (stream && oneShot) throw new GantryError('engine/bad-parameter', 'cannot have stream=true and one-shot=true');
}

/** Writes the samples as lines of JSON; ends with the client, or when the container is removed. */
export async function writeStats(
  containers: Containers,
  container: Container,
  { stream, oneShot }: StatsOptions,
  { out, signal }: { readonly out: Writable; readonly signal: AbortSignal },
): Promise<void> {
  let before: ContainerStats | undefined;
  for (let first = true; !container.removalStarted; first = false) {
    const sample = follow(before, await takeSample(containers, container));
    const isIdle = sample.read === NEVER;
    if (stream || oneShot || isIdle || !first) {
      const goesOn = await writeOut(out, `${JSON.stringify(sample)}\n`, signal);
      if (!stream || !goesOn) return;
    }
    before = sample;
    await sleep(INTERVAL_MS, undefined, { signal });
  }
}

/** What a container uses now; zeros when it does not run. */
async function takeSample(containers: Containers, container: Container): Promise<ContainerStats> {
  const { record } = container;
  const empty = emptySample(container);
  if (!isAlive(record)) return empty;
  const { facts } = containers;
  const cgroup = cgroupOf(containers, container);
  const [cpu, memory, pids, blkio, networks] = await Promise.all([
    cpuStats(facts, cgroup),
    memoryStats(facts, cgroup),
    pidsStats(facts, cgroup),
    blkioStats(facts, cgroup),
    networkStats(record),
  ]);
  return {
    ...empty,
    read: now(),
    pids_stats: pids,
    blkio_stats: blkio,
    cpu_stats: cpu,
    memory_stats: memory,
    ...(networks === undefined ? {} : { networks }),
  };
}

function emptySample({ record }: Container): ContainerStats {
  return {
    read: NEVER,
    preread: NEVER,
    pids_stats: {},
    blkio_stats: NO_BLKIO,
    num_procs: 0,
    storage_stats: {},
    cpu_stats: NO_CPU,
    precpu_stats: NO_CPU,
    memory_stats: {},
    name: `/${record.name}`,
    id: record.id,
  };
}

function follow(before: ContainerStats | undefined, sample: ContainerStats): ContainerStats {
  return before === undefined ? sample : { ...sample, preread: before.read, precpu_stats: before.cpu_stats };
}
