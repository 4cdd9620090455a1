// Makes an image of one tar archive of a root file system (POST /images/create?fromSrc=-).
import { arch } from 'node:os';
import { VERSION } from '../../base/version.ts';
import { dropReceived, installLayer } from './layers.ts';
import { receiveBlob } from './blobs.ts';
import { applyChanges } from './changes.ts';
import { digestOf, type ImageConfig } from './config.ts';
import { digestsOf, type ImageRecord, type LayerRecord } from './records.ts';
import type { ImageReference } from './reference.ts';
import { ZERO_TIME, type ImageStore } from './store.ts';
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

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** Imports an archive; gives the image's id. Nothing is left behind when it fails. */
export async function importImage(
  store: ImageStore,
  request: ImportRequest,
  options: { readonly signal: AbortSignal },
): Promise<string> {
  const config = applyChanges({}, request.changes);
  const blob = await receiveBlob(store.folders, request.body, options);
  try {
    const layer = await installLayer(store, blob, options);
    try {
      return commit(store, imageConfig(request, config, layer), request.ref);
    } finally {
      store.pins.drop(...digestsOf(layer));
    }
  } finally {
    await dropReceived(blob);
  }
}

function imageConfig(request: ImportRequest, config: ImageConfig['config'], layer: LayerRecord): ImageConfig {
  const created = new Date().toISOString();
  const [os = 'linux', architecture = ARCHITECTURES[arch()] ?? arch(), variant] = request.platform?.split('/') ?? [];
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

function commit(store: ImageStore, config: ImageConfig, ref: ImageReference | undefined): string {
  const configText = JSON.stringify(config);
  const id = digestOf(configText);
  const image: ImageRecord = {
    id,
    configText,
    addedAt: new Date().toISOString(),
    taggedAt: ZERO_TIME,
    chains: config.rootfs.diff_ids.slice(0, 1),
  };
  store.records.transaction(() => store.records.putImage(image));
  store.context.events.emit('image', 'import', { id, attributes: { name: id } });
  if (ref !== undefined) tagImage(store, image, ref);
  return id;
}
