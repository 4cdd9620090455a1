// Parts of the Docker API that this engine does not have, answered so that clients know why, never with a bare 404.
import { GantryError } from '../../base/error.ts';
import type { Target } from './match.ts';

/** What every question about a swarm is answered. */
export const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
const NO_BUILDKIT = 'this engine has no BuildKit session: build with DOCKER_BUILDKIT=0, which uses the classic builder';

const NO_CLUSTER_VOLUMES = 'volume update only valid for cluster volumes, but swarm is unavailable';

const JOIN_SWARM = /^\/swarm\/(init|join)\/?$/;
const LEAVE_SWARM = /^\/swarm\/leave\/?$/;
const VOLUME = /^\/volumes\/[^/]+\/?$/;
const PLUGIN = /^\/plugins\/(.+?)\/?$/;
const SWARM = /^\/(swarm|services|tasks|nodes|secrets|configs)(\/|$)/;
const BUILDKIT = /^\/(session|grpc)\/?$/;
const BUILD = /^\/build(\/|$)/;

/** The refusal of a method and path that no route has; undefined when it is simply unknown. */
export function refusalOf(method: string, { path }: Target): GantryError | undefined {
  if (JOIN_SWARM.test(path)) return notServed('this engine has no swarm mode');
  if (LEAVE_SWARM.test(path)) return new GantryError('engine/unavailable', 'This node is not part of a swarm');
  if (method === 'PUT' && VOLUME.test(path)) return new GantryError('engine/unavailable', NO_CLUSTER_VOLUMES);
  const plugin = PLUGIN.exec(path)?.[1];
  if (plugin !== undefined) return pluginRefusal(plugin);
  if (SWARM.test(path)) return new GantryError('engine/unavailable', NO_SWARM);
  if (BUILDKIT.test(path)) return notServed(NO_BUILDKIT);
  if (BUILD.test(path)) return notServed('this engine has only POST /build and POST /build/prune');
  return undefined;
}

function pluginRefusal(words: string): GantryError {
  const name = words.replace(/\/(json|enable|disable|upgrade|push|set)$/, '');
  if (['pull', 'create', 'privileges'].includes(name)) return notServed('this engine has no plugins');
  return new GantryError('engine/not-found', `plugin ${JSON.stringify(name)} not found`);
}

function notServed(message: string): GantryError {
  return new GantryError('engine/not-implemented', message);
}
