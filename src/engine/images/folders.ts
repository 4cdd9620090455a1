// Where blobs and layers lie below the data root. Every name is made of hex digits this engine computed.
import { join } from 'node:path';
import { invariant } from '../../base/error.ts';
import { isDigest } from './reference.ts';

/** Folders of the image store. */
export interface ImageFolders {
  /** Blobs by digest, as received: archives that no recipe makes again. */
  readonly blobs: string;
  /** Per unpacked layer `<chain>/diff` with its files, and `<chain>/recipe.zst` with the rest of its archive. */
  readonly layers: string;
  /** Half-made things; emptied at start. */
  readonly work: string;
  blob(digest: string): string;
  layer(chain: string): string;
  diff(chain: string): string;
}

/** The folders below a data root. */
export function imageFolders(data: string): ImageFolders {
  const blobs = join(data, 'blobs', 'sha256');
  const layers = join(data, 'layers');
  const layer = (chain: string): string => join(layers, hexOf(chain));
  return {
    blobs,
    layers,
    work: join(data, 'image-work'),
    blob: (digest) => join(blobs, hexOf(digest)),
    layer,
    diff: (chain) => join(layer(chain), 'diff'),
  };
}

/** The hex digits of a digest. */
export function hexOf(digest: string): string {
  invariant(isDigest(digest), 'a digest of this store is sha256 in hex');
  return digest.slice('sha256:'.length);
}
