// Changes limits and restart policy of a container, at once when it runs.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostConfig, Resources, RestartPolicy, Maybe } from '../../api/containers.ts';
import { GantryError, messageOf } from '../../base/error.ts';
import { cgroupWrites } from '../shim/cgroup-limits.ts';
import type { CgroupWrite } from '../shim/cgroup-write.ts';
import type { Container } from './container.ts';
import { cgroupOf, emit, type Containers } from './context.ts';
import { checkResources, checkRestartPolicy } from './create/validate.ts';
import { isAlive } from './record.ts';

/** Body of POST /containers/{id}/update; what is zero, empty or absent stays as it is. */
export type UpdateBody = Resources & { readonly RestartPolicy?: Maybe<RestartPolicy> };

/** Applies it. Throws engine/bad-parameter for limits that cannot be, engine/internal when the kernel refuses. */
export async function updateContainer(containers: Containers, container: Container, body: UpdateBody): Promise<void> {
  await containers.store.own(container, async () => {
    const { host } = container.record;
    const merged = merge(host, body);
    checkResources(merged, containers.facts);
    checkRestartPolicy(merged.RestartPolicy, merged.AutoRemove === true);
    if (isAlive(container.record)) await apply(containers, container, { before: host, after: merged });
    container.record = { ...container.record, host: merged };
    containers.store.save(container);
    emit(containers, container, 'update');
  });
}

function merge(host: HostConfig, { RestartPolicy, ...limits }: UpdateBody): HostConfig {
  const given = Object.entries(limits).filter(([, value]) => value !== null && value !== 0 && value !== '');
  const policy = RestartPolicy?.Name ? { RestartPolicy } : {};
  return { ...host, ...(Object.fromEntries(given) as Resources), ...policy };
}

/** Only what changed. Growing needs the total with swap raised first, shrinking the memory lowered first. */
async function apply(
  containers: Containers,
  container: Container,
  hosts: { before: HostConfig; after: HostConfig },
): Promise<void> {
  const at = (host: HostConfig): readonly CgroupWrite[] =>
    cgroupWrites(containers.facts.cgroups, cgroupOf(containers, container), host);
  const known = new Set(at(hosts.before).map((write) => `${write.file}=${write.value}`));
  const changed = at(hosts.after).filter((write) => !known.has(`${write.file}=${write.value}`));
  const grows = memoryOf(hosts.after) > memoryOf(hosts.before);
  const ordered = grows ? changed.toReversed() : changed;
  try {
    for (const write of ordered) await writeOne(write);
  } catch (cause) {
    throw new GantryError('engine/internal', `Cannot update container ${container.id}: ${messageOf(cause)}`, { cause });
  }
}

/** Bytes; unlimited is more than any number. */
function memoryOf(host: HostConfig): number {
  return host.Memory !== null && host.Memory !== undefined && host.Memory > 0 ? host.Memory : Infinity;
}

async function writeOne({ dir, file, value, optional }: CgroupWrite): Promise<void> {
  try {
    await writeFile(join(dir, file), value);
  } catch (error) {
    if (!(optional && error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
