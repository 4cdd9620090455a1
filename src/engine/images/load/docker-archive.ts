// Docker's own archive: manifest.json lists images with the names of their configurations and layers, whose files are
// called what the writer liked (`<id>.json`, `<id>/layer.tar`, `blobs/sha256/<hex>`).
import { GantryError } from '../../../base/error.ts';
import type { Shape } from '../../http/shape.ts';
import { MAX_CONFIG } from '../config.ts';
import { parseReference, type ImageReference } from '../reference.ts';
import { checkBlob, readJsonFile, type ArchiveImage } from './archive-image.ts';
import type { Spool } from './spool.ts';

const MANIFEST: Shape = [{ fields: { Config: 'text', RepoTags: ['text'], Layers: ['text'] } }];

interface Item {
  readonly Config?: string | null;
  readonly RepoTags?: readonly string[] | null;
  readonly Layers?: readonly string[] | null;
}

/** The images of `manifest.json`. Throws engine/bad-parameter. */
export async function dockerArchive(spool: Spool): Promise<ArchiveImage[]> {
  const items = (await readJsonFile(spool, 'manifest.json', MANIFEST)) as readonly Item[];
  return await Promise.all(items.map(async (item) => imageOf(spool, item)));
}

async function imageOf(spool: Spool, item: Item): Promise<ArchiveImage> {
  const config = item.Config ?? '';
  const layers = item.Layers ?? [];
  for (const name of [config, ...layers]) checkName(spool, name);
  return { configText: await spool.text(config, MAX_CONFIG), layers, refs: (item.RepoTags ?? []).map(tagOf) };
}

/** A file that is called by its digest must have it. */
function checkName(spool: Spool, name: string): void {
  const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(name)?.[1];
  if (hex !== undefined) checkBlob(spool, name, `sha256:${hex}`);
}

function tagOf(name: string): ImageReference {
  const ref = parseReference(name);
  if (ref.tag !== undefined && ref.digest === undefined) return ref;
  throw new GantryError('engine/bad-parameter', `invalid tag ${JSON.stringify(name)}`);
}
