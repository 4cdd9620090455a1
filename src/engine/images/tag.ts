// Puts names on images and takes them off.
import type { ImageRecord } from './records.ts';
import { canonicalName, familiarName, parseReference, type ImageReference } from './reference.ts';
import type { ImageStore } from './store.ts';

/** Gives an image a name; an image that had it loses it. */
export function tagImage(store: ImageStore, image: ImageRecord, ref: ImageReference): void {
  store.records.transaction(() => {
    store.records.putImage({ ...image, taggedAt: new Date().toISOString() });
    store.records.putTag(canonicalName(ref), image.id);
  });
  emitImage(store, 'tag', image, familiarName(ref));
}

/** Takes a name off an image; gives its familiar form. */
export function untagImage(store: ImageStore, image: ImageRecord, ref: string): string {
  store.records.transaction(() => store.records.deleteTag(ref));
  emitImage(store, 'untag', image, image.id);
  return familiarName(parseReference(ref));
}

/** Familiar names of an image: with tags, and with digests. */
export function namesOf(store: ImageStore, id: string): { readonly tags: string[]; readonly digests: string[] } {
  const refs = store.records.tagsOf(id).map(parseReference);
  return {
    tags: refs.filter((ref) => ref.digest === undefined).map(familiarName),
    digests: refs.filter((ref) => ref.digest !== undefined).map(familiarName),
  };
}

/** Announces something about an image, with its labels. */
export function emitImage(store: ImageStore, action: string, image: ImageRecord, name: string): void {
  const labels = store.records.config(image).config?.Labels ?? {};
  store.context.events.emit('image', action, { id: image.id, attributes: { ...labels, name } });
}
