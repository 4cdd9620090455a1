// Pushes images: layers the registry does not have, the configuration, then the manifest that names them.
import { GantryError } from '../../../base/error.ts';
import { ANONYMOUS, type Credentials } from '../../registry/credentials.ts';
import { MEDIA } from '../../registry/manifest.ts';
import { openRegistry } from '../../registry/registry.ts';
import { openUploads, type UploadTarget } from '../../registry/uploads.ts';
import { Readable } from 'node:stream';
import { parseImageConfig } from '../config.ts';
import type { ImageRecord } from '../records.ts';
import { canonicalName, familiarRepository, type ImageReference } from '../reference.ts';
import { parseReference } from '../reference.ts';
import type { TransferLines } from './progress.ts';
import { pushLayers } from './push-layers.ts';
import type { TransferStore } from './store.ts';

/** What is pushed. */
export interface PushRequest {
  /** With a tag; without one all tags of the repository. */
  readonly ref: ImageReference;
  readonly credentials?: Credentials;
}

/** Pushes tags; says what it does as docker does. Throws what went wrong. */
export async function pushImages(
  transfer: TransferStore,
  request: PushRequest,
  options: { readonly lines: TransferLines; readonly signal: AbortSignal },
): Promise<void> {
  const { ref, credentials = ANONYMOUS } = request;
  const { lines, signal } = options;
  lines.say(`The push refers to repository [${ref.domain}/${ref.path}]`);
  const tags = tagsOf(transfer, ref);
  using client = await openRegistry(transfer.env);
  await client.at({ domain: ref.domain, credentials, write: true, signal }, async (session) => {
    const target = openUploads({ session, domain: ref.domain, path: ref.path, signal });
    for (const { tag, image } of tags) await pushOne({ transfer, ref, target, lines, signal, tag, image });
  });
}

interface Tagged {
  readonly tag: string;
  readonly image: ImageRecord;
}

function tagsOf({ store }: TransferStore, ref: ImageReference): readonly Tagged[] {
  const found = store.records
    .images()
    .filter(({ hidden }) => hidden !== true)
    .flatMap((image) => store.records.tagsOf(image.id).map((name) => ({ image, ref: parseReference(name) })))
    .filter(({ ref: { domain, path } }) => domain === ref.domain && path === ref.path)
    .flatMap(({ image, ref: { tag } }) => (tag === undefined ? [] : [{ image, tag }]))
    .filter(({ tag }) => ref.tag === undefined || tag === ref.tag);
  if (found.length > 0) return found;
  throw new GantryError('engine/not-found', `An image does not exist locally with the tag: ${familiarRepository(ref)}`);
}

/** One tag on its way. */
export interface Pushing extends Tagged {
  readonly transfer: TransferStore;
  readonly ref: ImageReference;
  readonly target: UploadTarget;
  readonly lines: TransferLines;
  readonly signal: AbortSignal;
}

async function pushOne(pushing: Pushing): Promise<void> {
  const { image, lines, ref, tag, target, transfer } = pushing;
  const { store } = transfer;
  store.pins.add(...image.chains);
  try {
    const layers = await pushLayers(pushing, parseImageConfig(image.configText).rootfs.diff_ids);
    const config = Buffer.from(image.configText);
    const descriptor = { mediaType: MEDIA.dockerConfig, size: config.length, digest: image.id };
    if ((await target.sizeOf(image.id)) === undefined) await target.send(descriptor, () => Readable.from([config]));
    // docker's own spelling of a manifest, so that the same image has the same digest whoever pushed it
    const manifest = { schemaVersion: 2, mediaType: MEDIA.dockerManifest, config: descriptor, layers };
    const text = JSON.stringify(manifest, null, 3);
    const digest = await target.putManifest(tag, text, MEDIA.dockerManifest);
    const { domain, path } = ref;
    store.records.transaction(() => store.records.putTag(canonicalName({ domain, path, digest }), image.id));
    const size = Buffer.byteLength(text);
    lines.say(`${tag}: digest: ${digest} size: ${size}`);
    lines.aux({ Tag: tag, Digest: digest, Size: size });
    const name = familiarRepository(ref);
    store.context.events.emit('image', 'push', { id: `${name}:${tag}`, attributes: { name } });
  } finally {
    store.pins.drop(...image.chains);
  }
}
