// Filters of a container list: values of one key are OR-ed (labels AND-ed), keys AND-ed.
import { GantryError } from '../../base/error.ts';
import type { Container } from './container.ts';
import type { Containers } from './context.ts';

/** Filter values by key. */
export type ListFilters = ReadonlyMap<string, readonly string[]>;

type Test = (containers: Containers, container: Container, value: string) => boolean;

const STATUSES = ['created', 'restarting', 'running', 'removing', 'paused', 'exited', 'dead'];

/** Keys that are known; `label` and `is-task` have rules of their own. */
const TESTS: Readonly<Record<string, Test>> = {
  id: (_, { id }, value) => id.startsWith(value),
  name: (_, { record }, value) => nameMatches(record.name, value),
  label: (_, { record }, value) => labelMatches(record.config.Labels ?? {}, value),
  status: (_, { record }, value) => record.state.status === value,
  exited: (_, { record }, value) => record.state.status === 'exited' && record.state.exitCode === Number(value),
  ancestor: (containers, { record }, value) =>
    record.config.Image === value || sameImage(containers, record.imageId, value),
  network: (_, { record }, value) =>
    Object.entries(record.networks).some(([name, { networkId }]) => name === value || networkId.startsWith(value)),
  volume: (_, { record }, value) =>
    record.mounts.some((mount) => mount.Name === value || mount.Destination === value || mount.Source === value),
  publish: (_, { record }, value) => record.ports.some((port) => portMatches(value, port.hostPort, port.proto)),
  expose: (_, { record }, value) =>
    Object.keys(record.config.ExposedPorts ?? {}).some((key) => exposeMatches(value, key)),
  health: (_, { record }, value) => (record.state.health?.Status ?? 'none') === value,
  isolation: () => true,
  'is-task': (_, _container, value) => value !== 'true' && value !== '1',
};

/** Every key a list may be filtered by. */
export const LIST_FILTERS: readonly string[] = [...Object.keys(TESTS), 'before', 'since'];

/** The containers that pass, newest first. Throws engine/bad-parameter and engine/not-found for values that mean nothing. */
export function selectContainers(containers: Containers, filters: ListFilters): readonly Container[] {
  for (const status of filters.get('status') ?? []) {
    if (!STATUSES.includes(status)) throw new GantryError('engine/bad-parameter', `invalid filter 'status=${status}'`);
  }
  const created = (key: string): string[] =>
    (filters.get(key) ?? []).map((reference) => containers.store.find(reference).record.created);
  const [before] = created('before').sort();
  const since = created('since').sort().at(-1);
  return containers.store
    .all()
    .filter(
      (container) =>
        (before === undefined || container.record.created < before) &&
        (since === undefined || container.record.created > since) &&
        Object.entries(TESTS).every(([key, test]) =>
          passes(containers, container, { key, test, values: filters.get(key) ?? [] }),
        ),
    );
}

/** Labels of `k` or `k=v`, all of them; `label!` of prune wants none of them. */
export function labelMatches(labels: Readonly<Record<string, string>>, value: string): boolean {
  const [key = ''] = value.split('=', 1);
  return value.includes('=') ? labels[key] === value.slice(key.length + 1) : key in labels;
}

function passes(
  containers: Containers,
  container: Container,
  filter: { key: string; test: Test; values: readonly string[] },
): boolean {
  const { key, test, values } = filter;
  if (values.length === 0) return true;
  const holds = (value: string): boolean => test(containers, container, value);
  return key === 'label' ? values.every(holds) : values.some(holds);
}

/** A regular expression or a part of the name, with or without its slash. */
function nameMatches(name: string, value: string): boolean {
  if (name.includes(value) || `/${name}`.includes(value)) return true;
  if (value.length > 256) return false;
  try {
    const pattern = new RegExp(value);
    return pattern.test(name) || pattern.test(`/${name}`);
  } catch {
    return false;
  }
}

function sameImage({ images }: Containers, imageId: string, reference: string): boolean {
  try {
    return images.resolve(reference).id === imageId;
  } catch (error) {
    if (error instanceof GantryError && error.code === 'engine/not-found') return false;
    throw error;
  }
}

/** `80`, `80/tcp`, `8000-8010/udp`. */
function portMatches(value: string, port: number, proto: string): boolean {
  const [range = '', wanted = proto] = value.split('/');
  const [from = 0, to = from] = range.split('-').map(Number);
  return wanted === proto && port >= from && port <= to;
}

function exposeMatches(value: string, key: string): boolean {
  const [port = '', proto = 'tcp'] = key.split('/');
  return portMatches(value, Number(port), proto);
}
