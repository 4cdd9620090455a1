// The image a stage starts from: here, or pulled.
import { isGantryError } from '../../base/error.ts';
import type { ImageConfig } from '../images/config.ts';
import { lookUp } from '../images/find.ts';
import { parsePlatform } from '../images/platform.ts';
import { scratch, stageOf } from './stage-image.ts';
import type { Session } from './session.ts';
import type { StageImage } from './types.ts';

/** The image of a name; `scratch` is the empty one. Throws engine/not-found when it is nowhere. */
export async function baseImage(session: Session, name: string, platform: string | undefined): Promise<StageImage> {
  if (name === 'scratch') return scratch();
  const { deps, request, progress, signal } = session;
  const { records } = deps.store;
  const here = lookUp(records, name);
  // one for another machine than asked for is not the one: the registry may have that
  const fits = here !== undefined && isFor(records.config(here.image), platform);
  if (fits && !request.pull) return noted(session, name, stageOf(here.image.id, records.config(here.image)));
  try {
    await deps.pull(name, { platform, credentials: request.credentials, lines: progress.transfer, signal });
  } catch (error) {
    // an image that exists only here cannot be fresher elsewhere
    if (!fits || !isGantryError(error, 'engine/not-found')) throw error;
  }
  const found = lookUp(records, name) ?? here;
  if (found === undefined) throw new Error(`a pull of ${name} left no image`);
  return noted(session, name, stageOf(found.image.id, records.config(found.image)));
}

function noted(session: Session, name: string, image: StageImage): StageImage {
  session.bases.push({ name, id: image.id });
  return image;
}

/** What an image does not say of itself counts for nothing. */
function isFor({ os, architecture, variant }: ImageConfig, platform: string | undefined): boolean {
  if (platform === undefined) return true;
  const asked = parsePlatform(platform);
  const sameVariant = asked.variant === undefined || variant === undefined || asked.variant === variant;
  return asked.os === os && asked.architecture === architecture && sameVariant;
}
