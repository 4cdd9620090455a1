// Makes an image of one tar archive of a root file system (POST /images/create?fromSrc=-).
import { VERSION } from '../../base/version.ts';
import { addLayer, putImage } from './add-layer.ts';
import { applyChanges } from './changes.ts';
import type { ImageConfig } from './config.ts';
import { machinePlatform, parsePlatform } from './platform.ts';
import type { LayerRecord } from './records.ts';
import type { ImageReference } from './reference.ts';
import type { ImageStore } from './store.ts';
import { tagImage } from './tag.ts';

/** An archive and what becomes of it. */
export interface ImportRequest {
  readonly body: AsyncIterable<Uint8Array>;
  /** The tag to put on the image. */
  readonly ref: ImageReference | undefined;
  readonly message: string;
  /** Dockerfile instructions for its configuration. */
  readonly changes: readonly string[];
  /** `linux/arm64`; this machine's when undefined. */
  readonly platform: string | undefined;
}

/** Imports an archive; gives the image's id. Nothing is left behind when it fails. */
export async function importImage(
  store: ImageStore,
  request: ImportRequest,
  options: { readonly signal: AbortSignal },
): Promise<string> {
  const config = applyChanges({}, request.changes);
  using held = await addLayer(store, { open: () => request.body }, options);
  const image = putImage(store, { configText: JSON.stringify(imageConfig(request, config, held.layer)) });
  store.context.events.emit('image', 'import', { id: image.id, attributes: { name: image.id } });
  if (request.ref !== undefined) tagImage(store, image, request.ref);
  return image.id;
}

function imageConfig(request: ImportRequest, config: ImageConfig['config'], layer: LayerRecord): ImageConfig {
  const created = new Date().toISOString();
  const { os, architecture, variant } =
    request.platform === undefined ? machinePlatform() : parsePlatform(request.platform);
  return {
    architecture,
    ...(variant === undefined ? {} : { variant }),
    comment: request.message,
    config: config ?? {},
    created,
    docker_version: VERSION,
    history: [{ created, comment: request.message }],
    os,
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  };
}
