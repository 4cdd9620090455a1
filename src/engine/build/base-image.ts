// The image a stage starts from: here, or pulled.
import { isGantryError } from '../../base/error.ts';
import { lookUp } from '../images/find.ts';
import { scratch, stageOf } from './stage-image.ts';
import type { Session } from './session.ts';
import type { StageImage } from './types.ts';

/** The image of a name; `scratch` is the empty one. Throws engine/not-found when it is nowhere. */
export async function baseImage(session: Session, name: string, platform: string | undefined): Promise<StageImage> {
  if (name === 'scratch') return scratch();
  const { deps, request, progress, signal } = session;
  const { records } = deps.store;
  const here = lookUp(records, name);
  if (here !== undefined && !request.pull) return stageOf(here.image.id, records.config(here.image));
  try {
    await deps.pull(name, { platform, credentials: request.credentials, lines: progress.transfer, signal });
  } catch (error) {
    // an image that exists only here cannot be fresher elsewhere
    if (here === undefined || !isGantryError(error, 'engine/not-found')) throw error;
  }
  const found = lookUp(records, name) ?? here;
  if (found === undefined) throw new Error(`a pull of ${name} left no image`);
  return stageOf(found.image.id, records.config(found.image));
}
