// The archive Docker wrote before 1.10: a folder per layer with `json`, `layer.tar` and a parent's id, and `repositories`
// for the names. The configuration is made of the topmost layer's, as Docker does when it migrates one.
import { GantryError } from '../../../base/error.ts';
import type { Shape } from '../../http/shape.ts';
import { MAX_LAYERS, type HistoryEntry } from '../config.ts';
import { repositoryTag, type ImageReference } from '../reference.ts';
import { machinePlatform } from '../platform.ts';
import { readJsonFile, type ArchiveImage } from './archive-image.ts';
import type { Spool } from './spool.ts';
import { plainDigest } from './plain-digest.ts';

const REPOSITORIES: Shape = { map: { map: 'text' } };
const LAYER: Shape = {
  fields: {
    ...{ id: 'text', parent: 'text', created: 'text', author: 'text', comment: 'text', throwaway: 'flag' },
    ...{ architecture: 'text', os: 'text', container_config: { fields: { Cmd: 'words' } } },
  },
};

interface V1Layer {
  readonly parent?: string | null;
  readonly created?: string | null;
  readonly author?: string | null;
  readonly comment?: string | null;
  readonly throwaway?: boolean | null;
  readonly architecture?: string | null;
  readonly os?: string | null;
  readonly container_config?: { readonly Cmd?: readonly string[] | null } | null;
}

interface Step {
  readonly id: string;
  readonly json: V1Layer;
}

/** The images of `repositories`. Throws engine/bad-parameter. */
export async function legacyArchive(
  spool: Spool,
  { signal }: { readonly signal: AbortSignal },
): Promise<ArchiveImage[]> {
  const repositories = (await readJsonFile(spool, 'repositories', REPOSITORIES)) as Record<
    string,
    Record<string, string>
  >;
  const refs = new Map<string, ImageReference[]>();
  for (const [repository, tags] of Object.entries(repositories)) {
    for (const [tag, id] of Object.entries(tags)) {
      const ref = repositoryTag(repository, tag);
      if (ref !== undefined) refs.set(id, [...(refs.get(id) ?? []), ref]);
    }
  }
  return await Promise.all(
    [...refs].map(async ([id, names]) => ({ ...(await imageOf(spool, await steps(spool, id), signal)), refs: names })),
  );
}

/** The layers of an image, lowest first. */
async function steps(spool: Spool, top: string): Promise<Step[]> {
  const found: Step[] = [];
  for (let id = top; id !== '';) {
    if (!/^[0-9a-f]{64}$/.test(id)) throw bad(`${JSON.stringify(id.slice(0, 100))} is no id of a layer`);
    if (found.length >= MAX_LAYERS) throw bad('max depth exceeded');
    const json = (await readJsonFile(spool, `${id}/json`, LAYER)) as V1Layer;
    found.unshift({ id, json });
    id = json.parent ?? '';
  }
  return found;
}

async function imageOf(spool: Spool, chain: readonly Step[], signal: AbortSignal): Promise<Omit<ArchiveImage, 'refs'>> {
  const layers = chain.filter(({ json }) => json.throwaway !== true).map(({ id }) => `${id}/layer.tar`);
  const diffIds = await Promise.all(layers.map(async (name) => plainDigest(spool.file(name), { signal })));
  const {
    id: _id,
    parent: _parent,
    Size: _size,
    parent_id: _p,
    layer_id: _l,
    throwaway: _t,
    ...top
  } = (chain.at(-1)?.json ?? {}) as Record<string, unknown>;
  const config = {
    ...machinePlatform(),
    ...top,
    history: chain.map(({ json }) => historyOf(json)),
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
  return { configText: JSON.stringify(config), layers };
}

function historyOf(json: V1Layer): HistoryEntry {
  return {
    ...(json.created ? { created: json.created } : {}),
    ...(json.author ? { author: json.author } : {}),
    ...(json.container_config?.Cmd ? { created_by: json.container_config.Cmd.join(' ') } : {}),
    ...(json.comment ? { comment: json.comment } : {}),
    ...(json.throwaway === true ? { empty_layer: true } : {}),
  };
}

function bad(what: string): GantryError {
  return new GantryError('engine/bad-parameter', `cannot load the archive: ${what}`);
}
