// Says out loud what files leave to the reader: the default network, names of resources, dependencies that follow
// from links and shared namespaces.
import {
  entriesOf,
  get,
  isNull,
  itemsOf,
  mapOf,
  mapValues,
  plain,
  record,
  stringOf,
  text,
  update,
  withKey,
} from '../tree.ts';
import type { Entry, MapTree, Tree } from '../tree.ts';
import { eachService } from './defaults.ts';
import { impliedBy } from '../source.ts';

/** The model with everything implied written out. */
export function normalizeModel(tree: Tree, projectName: string): Tree {
  const services = eachService(tree, (service) =>
    impliedDependencies(hookImages(replicas(buildDefaults(defaultNetwork(pullPolicy(service)))))),
  );
  return resourceNames(addDefaultNetwork(services), projectName);
}

function pullPolicy(service: MapTree): MapTree {
  const policy = service.entries.get('pull_policy')?.value;
  return policy && stringOf(policy) === 'if_not_present'
    ? withKey(service, 'pull_policy', text('missing', policy.origin))
    : service;
}

/** `scale` is the number of replicas for the deploy section too. */
function replicas(service: MapTree): MapTree {
  const scale = get(service, 'scale');
  const deploy = get(service, 'deploy');
  if (!scale || isNull(scale) || deploy?.kind !== 'map' || deploy.entries.has('replicas')) return service;
  return withKey(service, 'deploy', withKey(deploy, 'replicas', scale));
}

/** A service that names no network joins `default`. */
function defaultNetwork(service: MapTree): MapTree {
  const hasNetworks = [...entriesOf(get(service, 'networks'))].length > 0;
  if (hasNetworks || service.entries.has('network_mode') || service.entries.has('provider')) return service;
  const origin = impliedBy(service.origin);
  return withKey(service, 'networks', record({ default: plain(null, origin) }, origin));
}

function buildDefaults(service: MapTree): MapTree {
  const build = service.entries.get('build')?.value;
  if (build?.kind !== 'map' || build.entries.has('dockerfile') || build.entries.has('dockerfile_inline'))
    return service;
  return withKey(service, 'build', withKey(build, 'dockerfile', text('Dockerfile', impliedBy(build.origin))));
}

/** A container that runs before the service stands on the same image unless it names one. */
function hookImages(service: MapTree): MapTree {
  const image = service.entries.get('image')?.value;
  const hooks = service.entries.get('pre_start')?.value;
  if (!image || hooks?.kind !== 'list') return service;
  const items = hooks.items.map((hook) =>
    hook.kind === 'map' && !hook.entries.has('image') ? withKey(hook, 'image', image) : hook,
  );
  return withKey(service, 'pre_start', { ...hooks, items });
}

const NAMESPACES = ['network_mode', 'ipc', 'pid', 'uts', 'cgroup'];

function impliedDependencies(service: MapTree): MapTree {
  const implied = new Map<string, Tree>();
  const add = (name: string, from: Tree, restart: boolean): void => {
    if (!implied.has(name)) implied.set(name, dependency(from, restart));
  };
  for (const link of itemsOf(get(service, 'links'))) add(linked(stringOf(link) ?? ''), link, true);
  for (const key of NAMESPACES) {
    const value = get(service, key);
    const name = /^service:(.+)$/.exec(stringOf(value) ?? '')?.[1];
    if (value && name !== undefined) add(name, value, true);
  }
  for (const from of itemsOf(get(service, 'volumes_from'))) {
    const source = stringOf(from) ?? '';
    if (!source.startsWith('container:')) add(source.split(':', 1)[0] ?? '', from, false);
  }
  return implied.size === 0 ? service : addDependencies(service, implied);
}

/** `service:alias`; with more parts it is all a name. */
function linked(link: string): string {
  const parts = link.split(':');
  return parts.length === 2 ? (parts[0] ?? '') : link;
}

function dependency(from: Tree, restart: boolean): Tree {
  const origin = impliedBy(from.origin);
  const condition = text('service_started', origin);
  return record(
    { condition, restart: restart ? plain(true, origin) : undefined, required: plain(true, origin) },
    origin,
  );
}

/** What is declared stays as it is. */
function addDependencies(service: MapTree, implied: ReadonlyMap<string, Tree>): MapTree {
  const declared = get(service, 'depends_on');
  const entries = new Map<string, Entry>(declared?.kind === 'map' ? declared.entries : []);
  for (const [name, value] of implied) if (!entries.has(name)) entries.set(name, { key: value.origin, value });
  return withKey(service, 'depends_on', mapOf(entries, declared?.origin ?? service.origin));
}

/** The top-level `default` network exists when a service is on it. */
function addDefaultNetwork(tree: Tree): Tree {
  if (tree.kind !== 'map') return tree;
  const used = [...entriesOf(get(tree, 'services'))].some(
    ([, { value }]) => get(value, 'networks', 'default') !== undefined,
  );
  const networks = get(tree, 'networks') ?? mapOf([], tree.origin);
  if (!used || networks.kind !== 'map' || networks.entries.has('default')) return tree;
  return withKey(tree, 'networks', withKey(networks, 'default', mapOf([], impliedBy(tree.origin))));
}

const RESOURCES = ['networks', 'volumes', 'configs', 'secrets'];

/** PROJECT_KEY, or KEY for what exists outside the project. */
function resourceNames(tree: Tree, projectName: string): Tree {
  return RESOURCES.reduce(
    (at, kind) =>
      update(at, [kind], (all) =>
        all.kind === 'map' ? mapValues(all, (one, key) => named(one, key, projectName)) : all,
      ),
    tree,
  );
}

function named(resource: Tree, key: string, projectName: string): Tree {
  const map = isNull(resource) ? mapOf([], resource.origin) : resource;
  const own = get(map, 'name');
  if (map.kind !== 'map' || (own && !isNull(own))) return map;
  const external = get(map, 'external');
  const isExternal = external?.kind === 'scalar' && /^(?:true|yes|y|on)$/i.test(String(external.value));
  return withKey(map, 'name', text(isExternal ? key : `${projectName}_${key}`, impliedBy(map.origin)));
}
