// Keeps links true: when a container comes back with another address, those that link to it are told.
import type { Container } from './container.ts';
import type { Containers } from './context.ts';
import { isAlive, type ContainerRecord } from './record.ts';
import { rewriteHosts } from './start/etc-files.ts';
import { bridgesOf, containerNet } from './start/sandbox.ts';

/** Rewrites names and hosts files of running containers with a link to this one. */
export async function followLinks(containers: Containers, target: Container): Promise<void> {
  const { store } = containers;
  const linked = store
    .all()
    .filter((other) => other !== target && isAlive(other.record) && linksTo(other.record, target.record));
  await Promise.all(linked.map(async (other) => store.own(other, async () => tell(containers, other))));
}

async function tell(containers: Containers, { record }: Container): Promise<void> {
  if (!isAlive(record)) return;
  rewriteHosts(containers, record);
  const networks = bridgesOf(containers, record);
  if (networks.length === 0) return;
  await containers.networks.driver.publish(containerNet(containers, record), networks, {
    signal: containers.engine.signal,
  });
}

function linksTo(record: ContainerRecord, target: ContainerRecord): boolean {
  const links = [
    ...(record.host.Links ?? []),
    ...Object.values(record.networks).flatMap(({ config }) => config.Links ?? []),
  ];
  return links.some((link) => {
    const name = link.replace(/^\//, '').split(':', 1)[0] ?? '';
    return name === target.name || target.id.startsWith(name);
  });
}
