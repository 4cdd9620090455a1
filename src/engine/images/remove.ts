// DELETE /images/{name} and POST /images/prune: who may go, what is untagged, and docker's texts for conflicts.
import type { ImageDeleteItem } from '../../api/objects.ts';
import { GantryError } from '../../base/error.ts';
import { danglingFilter, filterImages, type Filters } from './filter.ts';
import { findImage } from './find.ts';
import type { ImageRecord } from './records.ts';
import { canonicalName, parseReference, type ImageReference, shortDigest } from './reference.ts';
import type { ImageStore } from './store.ts';
import { sweep } from './sweep.ts';
import { emitImage, untagImage } from './tag.ts';

/** Removes a name, or the image when it was its last one. */
export async function removeImage(store: ImageStore, name: string, force: boolean): Promise<ImageDeleteItem[]> {
  const { image, ref } = findImage(store.records, name);
  if (ref === undefined) return await removeById(store, image, force);
  checkLastName(store, { image, name, force });
  const names = [canonicalName(ref), ...digestsLeft(store.records.tagsOf(image.id), ref)];
  const untagged = names.map((each) => ({ Untagged: untagImage(store, image, each) }));
  if (store.records.tagsOf(image.id).length > 0) return untagged;
  // the name is gone as asked; an image that is in use stays without one
  const running = usersOf(store, image, true).length > 0;
  if (running || (!force && usersOf(store, image, false).length > 0)) return untagged;
  return [...untagged, ...(await deleteImage(store, image))];
}

/** The references by digest of a repository that go with its last tag on an image. */
function digestsLeft(refs: readonly string[], gone: ImageReference): readonly string[] {
  if (gone.digest !== undefined) return [];
  const same = refs
    .map(parseReference)
    .filter(({ domain, path, tag }) => domain === gone.domain && path === gone.path && tag !== gone.tag);
  return same.some(({ tag }) => tag !== undefined) ? [] : same.map(canonicalName);
}

/** Removes dangling images, or all that no container uses with `dangling=false`; gives what went and bytes. */
export async function pruneImages(
  store: ImageStore,
  filters: Filters,
): Promise<{ ImagesDeleted: ImageDeleteItem[] | null; SpaceReclaimed: number }> {
  const onlyDangling = danglingFilter(filters, true);
  const rest = new Map([...filters].filter(([key]) => key !== 'dangling'));
  const visible = store.records.images().filter((image) => image.hidden !== true);
  const unused = filterImages(store, visible, rest).filter(
    (image) =>
      usersOf(store, image, false).length === 0 && (!onlyDangling || store.records.tagsOf(image.id).length === 0),
  );
  const before = blobAndFileBytes(store);
  const items: ImageDeleteItem[] = [];
  for (const image of unused) {
    for (const ref of store.records.tagsOf(image.id)) items.push({ Untagged: untagImage(store, image, ref) });
    items.push(...(await deleteImage(store, image)));
  }
  await sweep(store);
  const SpaceReclaimed = before - blobAndFileBytes(store);
  store.context.events.emit('image', 'prune', { id: '', attributes: { reclaimed: String(SpaceReclaimed) } });
  return { ImagesDeleted: items.length === 0 ? null : items, SpaceReclaimed };
}

function blobAndFileBytes(store: ImageStore): number {
  return store.records.layers().reduce((sum, { size }) => sum + size, 0);
}

interface NameRemoval {
  readonly image: ImageRecord;
  readonly name: string;
  readonly force: boolean;
}

/** Without force, the last name of an image that a container uses stays. */
function checkLastName(store: ImageStore, { image, name, force }: NameRemoval): void {
  const user = usersOf(store, image, false)[0];
  if (force || user === undefined || countTags(store.records.tagsOf(image.id)) > 1) return;
  throw new GantryError(
    'engine/conflict',
    `conflict: unable to remove repository reference "${name}" (must force) - container ${user.slice(0, 12)} ` +
      `is using its referenced image ${shortDigest(image.id)}`,
  );
}

async function removeById(store: ImageStore, image: ImageRecord, force: boolean): Promise<ImageDeleteItem[]> {
  const refs = store.records.tagsOf(image.id);
  const running = usersOf(store, image, true)[0];
  if (running !== undefined) {
    throw conflict(image, 'cannot be forced', `image is being used by running container ${running.slice(0, 12)}`);
  }
  if (!force && countTags(refs) > 1) {
    throw conflict(image, 'must be forced', 'image is referenced in multiple repositories');
  }
  const stopped = usersOf(store, image, false)[0];
  if (!force && stopped !== undefined) {
    throw conflict(image, 'must be forced', `image is being used by stopped container ${stopped.slice(0, 12)}`);
  }
  const untagged = refs.map((ref) => ({ Untagged: untagImage(store, image, ref) }));
  return [...untagged, ...(await deleteImage(store, image))];
}

/** References by digest go with the tag of their repository. */
function countTags(refs: readonly string[]): number {
  const parsed = refs.map(parseReference);
  const repositories = new Set(parsed.map(({ domain, path }) => `${domain}/${path}`));
  return repositories.size > 1 ? repositories.size : parsed.filter(({ tag }) => tag !== undefined).length;
}

/** Removes an image without names. Its layers stay as long as a container stands on them. */
async function deleteImage(store: ImageStore, image: ImageRecord): Promise<ImageDeleteItem[]> {
  const inUse = usersOf(store, image, false).length > 0;
  store.records.transaction(() => {
    if (inUse) store.records.putImage({ ...image, hidden: true });
    else store.records.deleteImage(image.id);
  });
  emitImage(store, 'delete', image, image.id);
  const layers = await sweep(store);
  return [{ Deleted: image.id }, ...layers.map(({ chain }) => ({ Deleted: chain }))];
}

function usersOf(store: ImageStore, image: ImageRecord, runningOnly: boolean): readonly string[] {
  return store.usage.containersOfImage(image.id, { runningOnly });
}

function conflict(image: ImageRecord, force: string, reason: string): GantryError {
  return new GantryError(
    'engine/conflict',
    `conflict: unable to delete ${shortDigest(image.id)} (${force}) - ${reason}`,
  );
}
