// Parts of the Docker API that this engine does not have, answered so that clients know why, never with a bare 404.
import { GantryError } from '../../base/error.ts';
import type { Target } from './match.ts';

const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
const NO_BUILDKIT = 'this engine has no BuildKit session: build with DOCKER_BUILDKIT=0, which uses the classic builder';

const SWARM = /^\/(swarm|services|tasks|nodes|secrets|configs)(\/|$)/;
const BUILDKIT = /^\/(session|grpc)\/?$/;
const BUILD = /^\/build(\/|$)/;
const REGISTRY = /^\/(auth|distribution\/.*|images\/search|images\/.+\/push)\/?$/;

/** The refusal of a path that no route has; undefined when it is simply unknown. */
export function refusalOf(target: Target): GantryError | undefined {
  const { path } = target;
  if (SWARM.test(path)) return new GantryError('engine/unavailable', NO_SWARM);
  if (BUILDKIT.test(path)) return notServed(NO_BUILDKIT);
  if (BUILD.test(path))
    return notServed('this engine does not build images', 'build it elsewhere and bring it in with docker import');
  if (REGISTRY.test(path))
    return notServed('this engine does not speak to registries', 'bring images in with docker import');
  return undefined;
}

function notServed(message: string, hint?: string): GantryError {
  return new GantryError('engine/not-implemented', message, hint === undefined ? {} : { hint });
}
