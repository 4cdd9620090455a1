// Writes images as one tar that is both a docker archive and an OCI layout, as Docker 25 and later do: GET /images/get.
// Streams; a layer is made again from its recipe while it is sent. What tells of the blobs comes before them.
import { holdLayer, type HeldLayer } from './add-layer.ts';
import { digestOf } from './config.ts';
import { findImage } from './find.ts';
import { hexOf } from './folders.ts';
import { createdSeconds } from './inspect.ts';
import { layerTar, layerTarSize } from './layer-tar.ts';
import type { ImageRecord } from './records.ts';
import { canonicalName, familiarName, parseReference, type ImageReference } from './reference.ts';
import type { ImageStore } from './store.ts';
import { emitImage } from './tag.ts';
import { tarEnd, tarFile, tarFolder } from './tar-writer.ts';

const OCI = 'application/vnd.oci.image';

/** An image and the names it is saved under; none when it was asked for by its id. */
export interface SavedImage {
  readonly image: ImageRecord;
  readonly refs: readonly ImageReference[];
}

/**
 * The images that names mean: one of a tag or an id, all tags of a bare repository. Throws engine/not-found when one is
 * missing.
 */
export function imagesToSave(store: ImageStore, names: readonly string[]): SavedImage[] {
  const found = new Map<string, SavedImage>();
  for (const name of names) {
    for (const { image, refs } of imagesOf(store, name)) {
      const before = found.get(image.id)?.refs ?? [];
      const fresh = refs.filter((ref) => !before.some((other) => canonicalName(other) === canonicalName(ref)));
      found.set(image.id, { image, refs: [...before, ...fresh] });
    }
  }
  return [...found.values()];
}

function imagesOf(store: ImageStore, name: string): SavedImage[] {
  const tagged = taggedIn(store, name);
  if (tagged.length > 0) return tagged;
  const { image, ref } = findImage(store.records, name);
  return [{ image, refs: ref?.tag === undefined ? [] : [ref] }];
}

/** All tags of a repository, when the name is one without tag and digest. */
function taggedIn(store: ImageStore, name: string): SavedImage[] {
  if (/^(?:sha256:)?[0-9a-f]{64}$/.test(name) || name.startsWith('sha256:')) return [];
  const wanted = parseReference(name);
  if (wanted.tag !== undefined || wanted.digest !== undefined) return [];
  return store.records
    .images()
    .filter((image) => image.hidden !== true)
    .flatMap((image) => store.records.tagsOf(image.id).map((text) => ({ image, refs: [parseReference(text)] })))
    .filter(({ refs: [ref] }) => ref?.tag !== undefined && ref.domain === wanted.domain && ref.path === wanted.path);
}

/** The archive of some images. */
export async function* saveImages(
  store: ImageStore,
  images: readonly SavedImage[],
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  using holds = new DisposableStack();
  const layers = new Map<string, SavedLayer>();
  for (const chain of new Set(images.flatMap(({ image }) => image.chains))) {
    const held = holds.use(holdLayer(store, chain));
    if (held === undefined) throw new Error(`the layer ${chain} is missing`);
    layers.set(chain, { held, size: await layerTarSize(store, held.layer, { signal }) });
  }
  const described = images.map((saved) => describe(saved, layers));
  yield tarFolder('blobs/');
  yield tarFolder('blobs/sha256/');
  for (const [name, text] of indexFiles(described)) yield* textFile(name, text, 0);
  const written = new Set<string>();
  for (const { saved, manifest } of described) {
    const { image } = saved;
    const mtime = createdSeconds(store.records.config(image).created);
    yield* textFile(blobName(digestOf(manifest)), manifest, 0);
    yield* textFile(blobName(image.id), image.configText, mtime);
    for (const { held, size } of layersOf(image, layers)) {
      const { diffId } = held.layer;
      if (written.has(diffId)) continue;
      written.add(diffId);
      yield* tarFile({ name: blobName(diffId), size, mtime }, layerTar(store, held.layer, { signal }));
    }
  }
  yield tarEnd();
  for (const { image } of images) emitImage(store, 'save', image, image.id);
}

interface SavedLayer {
  readonly held: HeldLayer;
  /** Bytes of its tar. */
  readonly size: number;
}

interface Described {
  readonly saved: SavedImage;
  readonly descriptors: readonly Descriptor[];
  /** The OCI manifest, as it is written. */
  readonly manifest: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

function layersOf(image: ImageRecord, layers: ReadonlyMap<string, SavedLayer>): SavedLayer[] {
  return image.chains.flatMap((chain) => layers.get(chain) ?? []);
}

function describe(saved: SavedImage, layers: ReadonlyMap<string, SavedLayer>): Described {
  const { image } = saved;
  const descriptors = layersOf(image, layers).map(({ held, size }) => ({
    mediaType: `${OCI}.layer.v1.tar`,
    digest: held.layer.diffId,
    size,
  }));
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: `${OCI}.manifest.v1+json`,
    config: {
      mediaType: `${OCI}.config.v1+json`,
      digest: image.id,
      size: Buffer.byteLength(image.configText),
    },
    layers: descriptors,
  });
  return { saved, descriptors, manifest };
}

/** What tells of the blobs: Docker's list, and OCI's. */
function indexFiles(described: readonly Described[]): [name: string, text: string][] {
  return [
    ['oci-layout', '{"imageLayoutVersion": "1.0.0"}'],
    ['manifest.json', JSON.stringify(described.map(dockerItem))],
    [
      'index.json',
      JSON.stringify({
        schemaVersion: 2,
        mediaType: `${OCI}.index.v1+json`,
        manifests: described.flatMap(indexItems),
      }),
    ],
  ];
}

function dockerItem({ saved, descriptors }: Described): object {
  const { image, refs } = saved;
  return {
    Config: blobName(image.id),
    RepoTags: refs.length === 0 ? null : refs.map(familiarName),
    Layers: descriptors.map(({ digest }) => blobName(digest)),
    LayerSources: Object.fromEntries(descriptors.map((descriptor) => [descriptor.digest, descriptor])),
  };
}

function indexItems({ saved, manifest }: Described): object[] {
  const item = {
    mediaType: `${OCI}.manifest.v1+json`,
    digest: digestOf(manifest),
    size: Buffer.byteLength(manifest),
  };
  if (saved.refs.length === 0) return [item];
  return saved.refs.map((ref) => ({
    ...item,
    annotations: {
      'io.containerd.image.name': canonicalName(ref),
      'org.opencontainers.image.ref.name': ref.tag,
    },
  }));
}

function blobName(digest: string): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

function textFile(name: string, text: string, mtime: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  return tarFile({ name, size: bytes.length, mtime }, [bytes]);
}
