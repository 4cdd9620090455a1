// Makes a container: everything is checked and resolved, folders and volumes are made, then the record is committed.
import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { GantryError, isGantryError } from '../../../base/error.ts';
import type { CreateContainerAnswer, CreateContainerBody, HostConfig } from '../../../api/containers.ts';
import type { VolumeHold } from '../../services.ts';
import { emit, pathsOf, type Containers } from '../context.ts';
import type { Container } from '../container.ts';
import { claimName, randomName } from '../names.ts';
import { checkPorts } from '../ports.ts';
import { fillVolumes } from '../start/fill-volumes.ts';
import { NEW_STATE, shortId, type ContainerRecord } from '../record.ts';
import { now } from '../time.ts';
import { resolveMemberships } from './memberships.ts';
import { mergeConfig } from './merge-config.ts';
import { resolveMounts } from './resolve-mounts.ts';
import { checkWorkingDir, validateHost } from './validate.ts';

/** The area, and what is peculiar to the container that is made. */
export interface CreateContainers extends Containers {
  readonly forBuild?: true;
}

/** Creates a container; "" as name takes a random one. Throws engine/not-found, engine/conflict or engine/bad-parameter. */
export async function createContainer(
  containers: CreateContainers,
  name: string,
  body: CreateContainerBody,
): Promise<CreateContainerAnswer> {
  const container = await make(containers, name, body);
  const { record } = container;
  emit(containers, container, 'create');
  return { Id: record.id, Warnings: warnings(record.host) };
}

/** Volumes are held until the record stands, so that a prune at the same time takes none of them. */
async function make(containers: CreateContainers, name: string, body: CreateContainerBody): Promise<Container> {
  const anonymous: string[] = [];
  try {
    using held = containers.volumes.hold();
    const noted: VolumeHold = {
      ...held,
      ensure: async (volume, options) => {
        const made = await held.ensure(volume, options);
        if (volume === '') anonymous.push(made.name);
        return made;
      },
    };
    return await commit(containers, await buildRecord({ ...containers, held: noted }, name, body));
  } catch (error) {
    await Promise.all(anonymous.map(async (volume) => containers.volumes.removeAnonymous(volume)));
    throw error;
  }
}

interface Making extends CreateContainers {
  readonly held: VolumeHold;
}

async function buildRecord(containers: Making, name: string, body: CreateContainerBody): Promise<ContainerRecord> {
  const { store, images, networks, held, facts } = containers;
  const id = randomBytes(32).toString('hex');
  const idOf = (reference: string): string => otherContainer(containers, reference);
  const given = name === '' ? randomName(store) : claimName(store, name);
  const image = images.resolve(body.Image ?? '');
  const merged = mergeConfig(body, image.config);
  const { mode, networks: memberships } = resolveMemberships({
    body,
    networks,
    containerId: idOf,
  });
  const host = normalizeHost(body.HostConfig ?? {}, mode, idOf);
  validateHost(host, facts);
  checkWorkingDir(body.WorkingDir ?? '');
  checkPorts(merged, host);
  const config = { ...merged, Hostname: merged.Hostname || defaultHostname(containers, host, id) };
  for (const [source = ''] of (host.VolumesFrom ?? []).map((entry) => entry.split(':')))
    await fillVolumes(containers, store.find(idOf(source)));
  const mounts = await resolveMounts({
    config,
    host,
    volumes: held,
    container: (reference) => store.find(idOf(reference)).record,
  });
  return {
    id,
    name: given,
    created: now(),
    imageId: image.id,
    layers: image.layers,
    ...{ config, host, mounts },
    networks: memberships,
    ports: [],
    state: NEW_STATE,
    forBuild: containers.forBuild,
  };
}

/** The id of a container whose namespaces or volumes are wanted. Not a 404: to the docker command that means "no such image". */
function otherContainer({ store }: Containers, reference: string): string {
  try {
    return store.find(reference).id;
  } catch (error) {
    if (isGantryError(error, 'engine/not-found')) throw new GantryError('engine/bad-parameter', error.message);
    throw error;
  }
}

/** Names of other containers become ids, so that renaming them changes nothing. */
function normalizeHost(host: HostConfig, mode: string, containerId: (reference: string) => string): HostConfig {
  const pin = (value: string | null | undefined): string =>
    value?.startsWith('container:') === true
      ? `container:${containerId(value.slice('container:'.length))}`
      : (value ?? '');
  return {
    ...host,
    NetworkMode: mode,
    PortBindings: withProtocols(host.PortBindings ?? {}),
    IpcMode: pin(host.IpcMode) || 'private',
    PidMode: pin(host.PidMode),
    RestartPolicy: {
      Name: host.RestartPolicy?.Name || 'no',
      MaximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    LogConfig: { Type: host.LogConfig?.Type || 'json-file', Config: host.LogConfig?.Config ?? {} },
    ShmSize: host.ShmSize || 64 * 1024 * 1024,
  };
}

/** A port without a protocol is tcp. */
function withProtocols<T>(bindings: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(bindings).map(([port, value]) => [port.includes('/') ? port : `${port}/tcp`, value]),
  );
}

/** Who shares a network shares its name too. */
function defaultHostname({ store }: Containers, host: HostConfig, id: string): string {
  const mode = host.NetworkMode ?? '';
  if (!mode.startsWith('container:')) return shortId(id);
  return store.find(mode.slice('container:'.length)).record.config.Hostname ?? shortId(id);
}

/** Folders first: a record without them could not start, folders without a record are swept at the next start. */
async function commit(containers: Containers, record: ContainerRecord): Promise<Container> {
  const paths = pathsOf(containers, record.id);
  await mkdir(paths.upper, { recursive: true, mode: 0o755 });
  await mkdir(paths.work, { mode: 0o700 });
  try {
    claimName(containers.store, record.name);
    return containers.store.add(record);
  } catch (error) {
    await rm(paths.home, { recursive: true, force: true });
    throw error;
  }
}

function warnings(host: HostConfig): readonly string[] {
  return host.OomKillDisable === true && !host.Memory
    ? [
        'OOM killer is disabled for the container, but no memory limit is set, this can result in the system running out of resources.',
      ]
    : [];
}
