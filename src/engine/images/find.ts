// Finds an image by what a user calls it: reference, full id, short id.
import { GantryError } from '../../base/error.ts';
import type { ImageRecord, ImageRecords } from './records.ts';
import {
  canonicalName,
  familiarName,
  isDigest,
  parseReference,
  withDefaultTag,
  type ImageReference,
} from './reference.ts';

/** A found image, and the reference that named it unless it was named by id. */
export interface FoundImage {
  readonly image: ImageRecord;
  readonly ref?: ImageReference;
}

/** The image of a name. Throws engine/not-found `No such image: x:latest`, engine/bad-parameter for a malformed name. */
export function findImage(records: ImageRecords, name: string): FoundImage {
  const found = lookUp(records, name);
  if (found !== undefined) return found;
  throw new GantryError('engine/not-found', `No such image: ${isDigest(name) ? name : normalName(name)}`);
}

/** The same, giving undefined when there is none. */
export function lookUp(records: ImageRecords, name: string): FoundImage | undefined {
  const image = isDigest(name) ? records.image(name) : undefined;
  if (image !== undefined) return { image };
  if (isDigest(name)) return undefined;
  return byReference(records, name) ?? byPrefix(records, name);
}

function byReference(records: ImageRecords, name: string): FoundImage | undefined {
  if (/^[0-9a-f]{64}$/.test(name)) return undefined;
  if (/^sha256:[0-9a-f]{1,63}$/.test(name)) return undefined;
  const ref = withDefaultTag(parseReference(name));
  const id = records.tagged(canonicalName(ref));
  const image = id === undefined ? undefined : records.image(id);
  return image === undefined ? undefined : { image, ref };
}

/** An id cut short, when only one image begins with it. */
function byPrefix(records: ImageRecords, name: string): FoundImage | undefined {
  const prefix = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(name)?.[1];
  if (prefix === undefined) return undefined;
  const found = records.images().filter((image) => image.hidden !== true && image.id.startsWith(`sha256:${prefix}`));
  return found.length === 1 && found[0] !== undefined ? { image: found[0] } : undefined;
}

function normalName(name: string): string {
  return /^[0-9a-f]{64}$/.test(name) || name.startsWith('sha256:')
    ? name
    : familiarName(withDefaultTag(parseReference(name)));
}
