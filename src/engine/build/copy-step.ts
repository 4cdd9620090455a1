// COPY and ADD: what they find, what their result depends on, and the copying into a new layer.
import { readdir } from 'node:fs/promises';
import type { Found, WritableTree } from '../gantry-fs.ts';
import { digestOf } from '../images/config.ts';
import { layerFolders } from '../images/layers.ts';
import { publishDraft } from '../images/pending.ts';
import type { LayerRecord } from '../images/records.ts';
import { draftLayer } from '../images/snapshot.ts';
import { expandWord } from './dockerfile/expand.ts';
import { archivesIn, unpackArchive } from './archive.ts';
import { checkTarget, sourceName, targetOf } from './copy-rules.ts';
import { sourcesOf, type SourceGroup } from './copy-sources.ts';
import type { StepPlace } from './run-step.ts';
import { stageExpansion } from './scope.ts';
import { newFolder, type Session } from './session.ts';
import { nopText } from './stage-image.ts';
import type { PreparedStep } from './step.ts';
import type { StageImage } from './types.ts';

/** Prepares a COPY or ADD: finds its sources, which throws engine/not-found when one is missing. */
export async function prepareCopy(place: StepPlace): Promise<PreparedStep> {
  const { session, scope, config, instruction } = place;
  const keyword = instruction.keyword === 'ADD' ? 'ADD' : 'COPY';
  const expansion = stageExpansion(scope, config);
  const target = targetOf(config, expandWord(instruction.args.at(-1) ?? '', expansion));
  const owner = flag(place, 'chown');
  const groups = await sourcesOf(place, { keyword, target, isOwned: owner !== undefined });
  const found = groups.flatMap((group) => group.found);
  checkTarget(keyword, target, found.length);
  const mode = flag(place, 'chmod');
  const all = digestOf(JSON.stringify(found.map(({ path, digest }) => [path.split('/').at(-1), digest]))).slice(7);
  const options = [owner, mode].map((value) => value ?? '');
  const name = sourceName(found, all);
  const chown = owner === undefined ? '' : `--chown=${owner} `;
  return {
    key: [keyword, target, ...options, all],
    config,
    createdBy: nopText(config, `${keyword} ${chown}${name} in ${target} `),
    layer: async () =>
      await copyLayer(session, place.image, async (into) => {
        const archives = keyword === 'ADD' ? await archivesIn(groups) : new Set<Found>();
        for (const group of groups) await copyGroup(place, { group, into, target, owner, mode, archives });
      }),
  };
}

/** A flag's value, variables filled in. */
function flag({ scope, config, instruction }: StepPlace, name: string): string | undefined {
  const value = instruction.flags.find((item) => item.name === name)?.value;
  return value === undefined ? undefined : expandWord(value, stageExpansion(scope, config));
}

interface GroupCopy {
  readonly group: SourceGroup;
  readonly into: WritableTree;
  readonly target: string;
  readonly owner: string | undefined;
  readonly mode: string | undefined;
  readonly archives: ReadonlySet<Found>;
}

async function copyGroup({ session }: StepPlace, job: GroupCopy): Promise<void> {
  const { group, into, target, owner, mode, archives } = job;
  const { store } = session.deps;
  const { signal } = session;
  const tree = await group.tree();
  const plain = group.found.filter((item) => !archives.has(item));
  if (plain.length > 0) {
    await store.fs.copy({
      from: tree,
      into,
      ...(owner === undefined ? { keepOwners: group.hasOwners } : { owner }),
      ...(mode === undefined ? {} : { mode }),
      pairs: plain.map(({ path }) => ({ source: path, target })),
      signal,
    });
  }
  for (const item of group.found.filter((one) => archives.has(one)))
    await unpackArchive(store.fs, { tree, path: item.path, into, target, owner, signal });
}

/** A layer of what is written over an image; undefined when nothing was written and `onlyIfChanged` is set. */
export async function copyLayer(
  session: Session,
  image: StageImage,
  write: (into: WritableTree) => Promise<void>,
  options: { readonly onlyIfChanged?: boolean } = {},
): Promise<LayerRecord | undefined> {
  const { store } = session.deps;
  const upper = await newFolder(session, 'upper');
  const work = await newFolder(session, 'work');
  const layers = layerFolders(store.folders, image.config.rootfs.diff_ids);
  await write(layers.length === 0 ? { dir: upper } : { layers, upper, work });
  if (options.onlyIfChanged === true && (await readdir(upper)).length === 0) return undefined;
  const below = image.chains.at(-1);
  const lower = below === undefined ? {} : { below };
  return await publishDraft(
    store,
    await draftLayer(store, { upper, keep: false, ...lower }, { signal: session.signal }),
  );
}
