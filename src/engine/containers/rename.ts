// Gives a container another name, also in the networks it is connected to.
import { GantryError } from '../../base/error.ts';
import type { Container } from './container.ts';
import { emit, type Containers } from './context.ts';
import { claimName } from './names.ts';
import { bridgesOf, endpointNames, refreshNames } from './start/sandbox.ts';

/** Renames it. Throws engine/bad-parameter for a bad name, engine/conflict for a taken one. */
export async function renameContainer(containers: Containers, container: Container, wanted: string): Promise<void> {
  if (wanted === '' || wanted === '/')
    throw new GantryError('engine/bad-parameter', 'Neither old nor new names may be empty');
  await containers.store.own(container, async () => {
    const before = container.record.name;
    if (wanted.replace(/^\//, '') === before) {
      throw new GantryError('engine/bad-parameter', 'Renaming a container with the same name as its current name');
    }
    containers.store.rename(container, claimName(containers.store, wanted));
    renameEndpoints(container);
    containers.store.save(container);
    await refreshNames(containers, bridgesOf(containers, container.record));
    emit(containers, container, 'rename', { oldName: `/${before}` });
  });
}

function renameEndpoints(container: Container): void {
  const { record } = container;
  const networks = Object.entries(record.networks).map(([name, member]) => {
    if (member.endpoint === undefined) return [name, member] as const;
    return [name, { ...member, endpoint: { ...member.endpoint, names: endpointNames(record, member) } }] as const;
  });
  container.record = { ...record, networks: Object.fromEntries(networks) };
}
