// A build of the very same bytes and options finds every step in the cache, as long as what it stood on is as it was: what
// there is to say is known, and only the names are set. Kept in memory, with the context.
import { lookUp } from '../images/find.ts';
import type { BaseName, Replay } from './context-memo.ts';
import type { Session } from './session.ts';
import type { BuildDeps, BuildRequest } from './types.ts';

/** All of a request that decides how a build of one context goes. */
export function replayKey(request: BuildRequest): string {
  const { dockerfile, buildArgs, labels, target, host, platform } = request;
  return JSON.stringify([dockerfile, [...buildArgs], labels, target, host, platform]);
}

/** How a build that was committed would go again; undefined for one that asked somebody else. */
export function replayOf(session: Session, image: string): Replay | undefined {
  const { request, bases, said, fresh, deps } = session;
  if (session.isUrlRead || request.pull || request.cacheFrom.length > 0) return undefined;
  const hits = [...session.hits, ...fresh.map(({ key }) => key)];
  return { bases, said, hits, image, generation: deps.cache.generation() };
}

/** True when the same build would go the same way now. */
export function holdsStill({ store, cache }: BuildDeps, request: BuildRequest, replay: Replay): boolean {
  if (request.noCache || request.pull || request.cacheFrom.length > 0) return false;
  const image = store.records.image(replay.image);
  const isHere = image !== undefined && image.hidden !== true;
  const isSame = ({ name, id }: BaseName): boolean => lookUp(store.records, name)?.image.id === id;
  return isHere && replay.generation === cache.generation() && replay.bases.every(isSame);
}
