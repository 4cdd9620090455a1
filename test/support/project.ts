// Small projects and snapshots for tests of the planner: only what a test is about has to be said.
import type { Project } from '../../src/compose/model/project.ts';
import type { Service } from '../../src/compose/model/service.ts';
import { containerBody } from '../../src/project/desired/container.ts';
import { serviceHash } from '../../src/project/hash.ts';
import { containerName } from '../../src/project/names.ts';
import type { Observed, ObservedContainer } from '../../src/project/observed.ts';
import type { Plan } from '../../src/project/plan.ts';

/** The id of the image `busybox` in these snapshots. */
export const IMAGE_ID = `sha256:${'1'.repeat(64)}`;

/** A service on the default network. */
export function service(name: string, more: Partial<Service> = {}): Service {
  return { name, image: 'busybox', networks: { default: null }, ...more };
}

/** A project called `p` of these services, with its default network. */
export function project(services: readonly Service[], more: Partial<Project> = {}): Project {
  return {
    name: 'p',
    working_dir: '/p',
    compose_files: ['/p/compose.yaml'],
    env_files: [],
    environment: {},
    profiles: [],
    services: Object.fromEntries(services.map((at) => [at.name, at])),
    disabled_services: {},
    networks: { default: { name: 'p_default' } },
    volumes: {},
    secrets: {},
    configs: {},
    models: {},
    ...more,
  };
}

/** A dependency of `depends_on`. */
export function needs(
  condition: 'service_started' | 'service_healthy' | 'service_completed_successfully' = 'service_started',
  restart = false,
): { condition: typeof condition; restart: boolean; required: boolean } {
  return { condition, restart, required: true };
}

/** An engine that has the image and nothing else. */
export function nothing(): Observed {
  return {
    apiVersion: '1.51',
    containers: [],
    networks: new Map(),
    volumes: new Map(),
    images: new Map([['busybox', IMAGE_ID]]),
  };
}

/** An engine on which the project is up as its files say; `change` alters single containers. */
export function upToDate(
  of: Project,
  change: (container: ObservedContainer) => ObservedContainer = (container) => container,
): Observed {
  const network = {
    id: 'net1',
    name: 'p_default',
    labels: { 'com.docker.compose.network': 'default', 'com.docker.compose.project': 'p' },
  };
  const containers = Object.values(of.services).flatMap((at) =>
    Array.from({ length: at.scale ?? 1 }, (_, index) => change(observed(of, at, index + 1))),
  );
  const volumes = Object.values(of.volumes).map((volume) => {
    const labels = { 'com.docker.compose.project': 'p' };
    return [volume.name, { id: volume.name, name: volume.name, labels }] as const;
  });
  return { ...nothing(), containers, networks: new Map([['p_default', network]]), volumes: new Map(volumes) };
}

/** A running, current container of a service. */
export function observed(of: Project, at: Service, number: number): ObservedContainer {
  const hash = serviceHash(at);
  const body = containerBody(of, at, { number, hash, imageId: IMAGE_ID, kept: new Map() });
  return {
    id: `${at.name}${number}`.padEnd(64, '0'),
    name: containerName(of.name, at, number),
    service: at.name,
    number,
    oneoff: false,
    hash,
    imageId: IMAGE_ID,
    state: 'running',
    networks: at.network_mode === undefined ? { p_default: 'net1' } : {},
    mounts: [],
    labels: body.Labels ?? {},
  };
}

/** The ids of a plan's operations. */
export function ids(plan: Plan): readonly string[] {
  return plan.operations.map((operation) => operation.id);
}

/** What an operation waits for. */
export function needsOf(plan: Plan, id: string): readonly string[] {
  const operation = plan.operations.find((at) => at.id === id);
  if (operation === undefined) throw new Error(`no operation ${id} among ${ids(plan).join(', ')}`);
  return operation.needs;
}

/** True when `first` is done before `second` begins, directly or through others. */
export function isBefore(plan: Plan, first: string, second: string): boolean {
  const seen = new Set(needsOf(plan, second));
  for (const id of seen) for (const before of needsOf(plan, id)) seen.add(before);
  return seen.has(first);
}
