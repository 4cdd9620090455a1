// The OCI image layout: index.json leads to manifests, these to configurations and layers, everything by its digest.
import { GantryError } from '../../../base/error.ts';
import type { Shape } from '../../http/shape.ts';
import { MAX_CONFIG } from '../config.ts';
import { hexOf } from '../folders.ts';
import { isDigest, parseReference, type ImageReference } from '../reference.ts';
import { machinePlatform, platformText, type Platform } from '../platform.ts';
import { checkBlob, readJsonFile, type ArchiveImage } from './archive-image.ts';
import type { Spool } from './spool.ts';

const DESCRIPTOR: Shape = {
  fields: {
    ...{ mediaType: 'text', digest: 'text', size: 'number', annotations: { map: 'text' } },
    platform: { fields: { os: 'text', architecture: 'text', variant: 'text' } },
  },
};
const INDEX: Shape = { fields: { mediaType: 'text', manifests: [DESCRIPTOR] } };
const MANIFEST: Shape = {
  fields: { mediaType: 'text', config: DESCRIPTOR, layers: [DESCRIPTOR], manifests: [DESCRIPTOR] },
};

/** Indexes that may lead to indexes. */
const MAX_NESTING = 4;

interface Descriptor {
  readonly digest?: string | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  readonly platform?: Partial<Platform> | null;
}

interface Manifest {
  readonly config?: Descriptor | null;
  readonly layers?: readonly Descriptor[] | null;
  readonly manifests?: readonly Descriptor[] | null;
}

/** The images of `index.json`; of an image for several platforms the wanted one. Throws engine/bad-parameter. */
export async function ociLayout(spool: Spool, platform: Platform | undefined): Promise<ArchiveImage[]> {
  const index = (await readJsonFile(spool, 'index.json', INDEX)) as Manifest;
  const byDigest = new Map<string, ArchiveImage>();
  for (const descriptor of index.manifests ?? []) {
    const digest = descriptor.digest ?? '';
    const known = byDigest.get(digest) ?? (await imageOf(spool, { digest, platform, left: MAX_NESTING }));
    byDigest.set(digest, { ...known, refs: [...known.refs, ...namesIn(descriptor)] });
  }
  return [...byDigest.values()];
}

interface Wanted {
  readonly digest: string;
  readonly platform: Platform | undefined;
  /** Levels of nesting left. */
  readonly left: number;
}

async function imageOf(spool: Spool, { digest, platform, left }: Wanted): Promise<ArchiveImage> {
  const name = blobName(spool, digest);
  const manifest = (await readJsonFile(spool, name, MANIFEST)) as Manifest;
  if (manifest.manifests) {
    if (left === 0) throw bad('its indexes are nested too deep');
    const chosen = choose(manifest.manifests, platform ?? machinePlatform());
    return await imageOf(spool, { digest: chosen.digest ?? '', platform, left: left - 1 });
  }
  const config = blobName(spool, manifest.config?.digest ?? '');
  const layers = (manifest.layers ?? []).map((layer) => blobName(spool, layer.digest ?? ''));
  return { configText: await spool.text(config, MAX_CONFIG), layers, refs: [] };
}

function choose(manifests: readonly Descriptor[], wanted: Platform): Descriptor {
  const fits = manifests.filter(
    ({ platform }) => platform?.os === wanted.os && platform.architecture === wanted.architecture,
  );
  const found = fits.find(({ platform }) => platform?.variant === wanted.variant) ?? fits[0];
  if (found === undefined) throw bad(`it has nothing for ${platformText(wanted)}`);
  return found;
}

/** The file of a digest, checked. Only what is a digest becomes a name. */
function blobName(spool: Spool, digest: string): string {
  if (!isDigest(digest)) throw bad(`${JSON.stringify(digest.slice(0, 100))} is no digest`);
  const name = `blobs/sha256/${hexOf(digest)}`;
  checkBlob(spool, name, digest);
  return name;
}

/** containerd's full name, or OCI's where it is one with a tag. */
function namesIn({ annotations }: Descriptor): ImageReference[] {
  const full = annotations?.['io.containerd.image.name'];
  const short = annotations?.['org.opencontainers.image.ref.name'];
  const name = full ?? (short?.includes(':') === true ? short : undefined);
  if (name === undefined) return [];
  const ref = parseReference(name);
  return ref.tag === undefined || ref.digest !== undefined ? [] : [ref];
}

function bad(what: string): GantryError {
  return new GantryError('engine/bad-parameter', `cannot load the archive: ${what}`);
}
