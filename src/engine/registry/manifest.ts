// Manifests as registries have them: docker's schema 2 and OCI's, of one image or of several. Pure: text in, checked shapes out.
import { GantryError } from '../../base/error.ts';
import { isDigest } from '../images/reference.ts';
import type { Platform } from './platform.ts';

/** A blob or manifest by digest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  /** Where foreign layers are. */
  readonly urls: readonly string[];
}

/** An entry of an index. */
export interface IndexEntry extends Descriptor {
  readonly platform: Platform | undefined;
}

/** A manifest taken apart. */
export type Manifest =
  | { readonly kind: 'image'; readonly config: Descriptor; readonly layers: readonly Descriptor[] }
  | { readonly kind: 'index'; readonly entries: readonly IndexEntry[] };

/** Media types that are asked for, the newest first. */
export const MEDIA = {
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerList: 'application/vnd.docker.distribution.manifest.list.v2+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
} as const;

/** The value of Accept. */
export const ACCEPT = [MEDIA.dockerManifest, MEDIA.dockerList, MEDIA.ociManifest, MEDIA.ociIndex].join(', ');

/** Cap on a manifest in bytes. */
export const MAX_MANIFEST = 4 * 1024 * 1024;
const MAX_ENTRIES = 10_000;
/** overlayfs takes no more lower layers, and docker makes no image with more. */
const MAX_LAYERS = 500;

type Json = Readonly<Record<string, unknown>>;

/** Parses a manifest; `contentType` counts where it does not say itself what it is. Throws registry/protocol. */
export function parseManifest(text: string, contentType: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GantryError('registry/protocol', 'the manifest is no JSON', { cause });
  }
  if (!isRecord(value)) throw invalid('it is no object');
  const said = value['mediaType'];
  const mediaType = typeof said === 'string' ? said : (contentType.split(';')[0] ?? '').trim();
  if (value['schemaVersion'] === 1) {
    throw new GantryError('registry/protocol', 'this image has a manifest of schema 1, which is no longer supported', {
      hint: 'push it again with a docker of this decade',
    });
  }
  return isIndex(mediaType, value) ? indexOf(value) : imageOf(value);
}

function isIndex(mediaType: string, value: Json): boolean {
  if (mediaType === MEDIA.dockerList || mediaType === MEDIA.ociIndex) return true;
  // what claims to be both is a trick (CVE-2021-41190)
  if ('manifests' in value && 'layers' in value) throw invalid('it is both of one image and of several');
  return 'manifests' in value;
}

function indexOf(value: Json): Manifest {
  if ('layers' in value || 'config' in value) throw invalid('it is both of one image and of several');
  const list = listOf(value['manifests'], MAX_ENTRIES);
  return { kind: 'index', entries: list.map((item) => ({ ...descriptorOf(item), platform: platformOf(item) })) };
}

function imageOf(value: Json): Manifest {
  if ('manifests' in value) throw invalid('it is both of one image and of several');
  const layers = listOf(value['layers'], MAX_LAYERS).map(descriptorOf);
  return { kind: 'image', config: descriptorOf(value['config']), layers };
}

function listOf(value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > most) throw invalid('a list is missing or too long');
  return value;
}

function descriptorOf(value: unknown): Descriptor {
  if (!isRecord(value)) throw invalid('a descriptor is no object');
  const { mediaType, digest, size, urls } = value;
  if (typeof digest !== 'string' || !isDigest(digest)) throw invalid('a digest is no sha256');
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw invalid('a size is no number');
  return {
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    digest,
    size,
    urls: Array.isArray(urls) ? urls.filter((url) => typeof url === 'string') : [],
  };
}

function platformOf(value: unknown): Platform | undefined {
  const platform = isRecord(value) ? value['platform'] : undefined;
  if (!isRecord(platform)) return undefined;
  const text = (name: string): string => (typeof platform[name] === 'string' ? platform[name] : '');
  return { os: text('os'), architecture: text('architecture'), variant: text('variant') };
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function invalid(what: string): GantryError {
  return new GantryError('registry/protocol', `invalid manifest: ${what}`);
}
