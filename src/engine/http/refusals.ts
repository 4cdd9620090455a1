// Parts of the Docker API that this engine does not have, answered so that clients know why, never with a bare 404.
import { GantryError } from '../../base/error.ts';
import type { Target } from './match.ts';

const NO_SWARM =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';
const NO_BUILDKIT = 'this engine has no BuildKit session: build with DOCKER_BUILDKIT=0, which uses the classic builder';

const SWARM = /^\/(swarm|services|tasks|nodes|secrets|configs)(\/|$)/;
const BUILDKIT = /^\/(session|grpc)\/?$/;

/** The refusal of a path that no route has; undefined when it is simply unknown. */
export function refusalOf(target: Target): GantryError | undefined {
  if (SWARM.test(target.path)) return new GantryError('engine/unavailable', NO_SWARM);
  if (BUILDKIT.test(target.path)) return new GantryError('engine/not-implemented', NO_BUILDKIT);
  return undefined;
}
