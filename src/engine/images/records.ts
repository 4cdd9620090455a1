// The rows of images, tags and layers. Names nothing on disk and decides nothing; changes come as one transaction.
import type { Compression } from '../decompress.ts';
import type { Database, Row } from '../state/database.ts';
import { parseImageConfig, type ImageConfig } from './config.ts';

/** An image as it is stored. */
export interface ImageRecord {
  /** `sha256:` of `configText`. */
  readonly id: string;
  readonly configText: string;
  /** When it came here, RFC 3339. */
  readonly addedAt: string;
  /** When a tag was put on it last; zero time if never. */
  readonly taggedAt: string;
  /** Chain ids, lowest layer first. */
  readonly chains: readonly string[];
  /** Id of the image it was committed or built on here; it may be gone by now. */
  readonly parent?: string;
  /** Set when it was removed while containers still stand on its layers: hidden, and swept when they are gone. */
  readonly hidden?: boolean;
}

/** A layer as it is stored. */
export interface LayerRecord {
  readonly chain: string;
  readonly diffId: string;
  /** Bytes of its files. */
  readonly size: number;
  /** Bytes of its plain tar; measured when it is asked for where a record lacks it. */
  readonly tarSize?: number;
  /** The archive it came as, kept only when the layer's recipe cannot make it again. */
  readonly blob?: BlobRecord;
}

/** An archive that is kept as it was received. */
export interface BlobRecord {
  readonly digest: string;
  readonly compression: Compression;
  readonly size: number;
}

/** The digests under which a layer has things on disk. */
export function digestsOf({ chain, blob }: LayerRecord): string[] {
  return blob === undefined ? [chain] : [chain, blob.digest];
}

/** Reads and changes of the three tables. */
export interface ImageRecords {
  image(id: string): ImageRecord | undefined;
  images(): ImageRecord[];
  config(image: ImageRecord): ImageConfig;
  putImage(image: ImageRecord): void;
  deleteImage(id: string): void;
  /** The image behind a canonical reference. */
  tagged(ref: string): string | undefined;
  /** Canonical references of an image, in order. */
  tagsOf(id: string): string[];
  putTag(ref: string, id: string): void;
  deleteTag(ref: string): void;
  layer(chain: string): LayerRecord | undefined;
  layers(): LayerRecord[];
  putLayer(layer: LayerRecord): void;
  deleteLayer(chain: string): void;
  /** Chains that the build cache holds. */
  cachedChains(): string[];
  /** All or nothing, on disk before it returns. */
  transaction<T>(change: () => T): T;
}

/** The tables of a database. */
export function imageRecords(db: Database): ImageRecords {
  const configs = new Map<string, ImageConfig>();
  return {
    image: (id) => imageOf(db.get('SELECT json FROM images WHERE id = ?', id)),
    images: () => db.all('SELECT json FROM images').map((row) => JSON.parse(String(row['json'])) as ImageRecord),
    config: (image) => {
      const config = configs.get(image.id) ?? parseImageConfig(image.configText);
      configs.set(image.id, config);
      return config;
    },
    putImage: (image) =>
      db.run(
        'INSERT INTO images (id, json) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json',
        image.id,
        JSON.stringify(image),
      ),
    deleteImage: (id) => {
      configs.delete(id);
      db.run('DELETE FROM images WHERE id = ?', id);
    },
    tagged: (ref) => textOf(db.get('SELECT image FROM tags WHERE ref = ?', ref), 'image'),
    tagsOf: (id) => db.all('SELECT ref FROM tags WHERE image = ? ORDER BY ref', id).map((row) => String(row['ref'])),
    putTag: (ref, id) =>
      db.run(
        'INSERT INTO tags (ref, image) VALUES (?, ?) ON CONFLICT (ref) DO UPDATE SET image = excluded.image',
        ref,
        id,
      ),
    deleteTag: (ref) => db.run('DELETE FROM tags WHERE ref = ?', ref),
    layer: (chain) => layerOf(db.get('SELECT json FROM layers WHERE chain = ?', chain)),
    layers: () => db.all('SELECT json FROM layers').map((row) => JSON.parse(String(row['json'])) as LayerRecord),
    putLayer: (layer) =>
      db.run(
        'INSERT INTO layers (chain, json) VALUES (?, ?) ON CONFLICT (chain) DO UPDATE SET json = excluded.json',
        layer.chain,
        JSON.stringify(layer),
      ),
    deleteLayer: (chain) => db.run('DELETE FROM layers WHERE chain = ?', chain),
    cachedChains: () => db.all('SELECT chains FROM build_steps').flatMap((row) => String(row['chains']).split(' ')),
    transaction: (change) => db.transaction(change, true),
  };
}

function imageOf(row: Row | undefined): ImageRecord | undefined {
  return row === undefined ? undefined : (JSON.parse(String(row['json'])) as ImageRecord);
}

function layerOf(row: Row | undefined): LayerRecord | undefined {
  return row === undefined ? undefined : (JSON.parse(String(row['json'])) as LayerRecord);
}

function textOf(row: Row | undefined, column: string): string | undefined {
  return row === undefined ? undefined : String(row[column]);
}
