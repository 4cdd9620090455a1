// Where COPY and ADD take things from: the context, a stage or an image, heredocs, addresses. All are trees that
// gantry-fs reads, so that no path leads out of them.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, isGantryError } from '../../base/error.ts';
import type { Found, Tree } from '../gantry-fs.ts';
import { layerFolders } from '../images/layers.ts';
import { fetchFile } from './add-url.ts';
import { baseImage } from './base-image.ts';
import { isUrl, sourceOf, type CopyKeyword } from './copy-rules.ts';
import { expandHeredoc, expandWord } from './dockerfile/expand.ts';
import { heredocMark } from './dockerfile/heredoc.ts';
import type { StepPlace } from './run-step.ts';
import { stageExpansion } from './scope.ts';
import { hold, newFolder, type Session } from './session.ts';
import { findStage } from './stages.ts';
import type { StageImage } from './types.ts';

/** Things found in one tree. */
export interface SourceGroup {
  /** Where they are; a context is unpacked by this call. */
  readonly tree: () => Promise<Tree>;
  readonly found: readonly Found[];
  /** True for files that ADD may take for archives: those of the context. */
  readonly isLocal: boolean;
  /** True for files of another stage or image, which keep their owners unless the instruction gives one. */
  readonly hasOwners: boolean;
}

interface Copying {
  readonly keyword: CopyKeyword;
  readonly target: string;
  /** The instruction says whose the files become. */
  readonly isOwned: boolean;
}

/** Finds all sources of an instruction, in groups. */
export async function sourcesOf(place: StepPlace, copying: Copying): Promise<SourceGroup[]> {
  const { scope, config, instruction } = place;
  const expansion = stageExpansion(scope, config);
  const written = instruction.args.slice(0, -1);
  const heredocs = instruction.form === 'json' ? [] : written.filter((word) => heredocMark(word) !== undefined);
  const words = written.filter((word) => !heredocs.includes(word)).map((word) => expandWord(word, expansion));
  const urls = copying.keyword === 'ADD' ? words.filter(isUrl) : [];
  if (urls.length > 0) place.session.isUrlRead = true;
  const paths = words.filter((word) => !urls.includes(word)).map(sourceOf);
  const groups: SourceGroup[] = [];
  if (paths.length > 0) groups.push(await fromTree(place, copying, paths));
  for (const url of urls) groups.push(await fromUrl(place, copying, url));
  if (heredocs.length > 0) groups.push(await fromHeredocs(place));
  return groups;
}

async function fromTree(
  place: StepPlace,
  { keyword, isOwned }: Copying,
  paths: readonly string[],
): Promise<SourceGroup> {
  const { session, instruction } = place;
  const from = instruction.flags.find(({ name }) => name === 'from')?.value;
  try {
    if (from === undefined) return await fromContext(session, paths);
    const tree = await otherTree(session, from);
    const found = await find(session, tree, { paths, owners: !isOwned });
    return { ...elsewhere(tree, found), hasOwners: !isOwned };
  } catch (error) {
    if (!isGantryError(error, 'engine/not-found')) throw error;
    const where = from === undefined ? 'in build context or excluded by .dockerignore' : `in ${from}`;
    const { path } = error.details;
    const message = `${keyword} failed: file not found ${where}: stat ${typeof path === 'string' ? path : ''}: ${error.message.replace(/ \(.*\)$/s, '')}`;
    throw new GantryError('engine/not-found', message, { cause: error });
  }
}

async function find(
  { deps, signal }: Session,
  tree: Tree,
  { paths, owners }: { readonly paths: readonly string[]; readonly owners: boolean },
): Promise<Found[]> {
  return unique(await deps.store.fs.digest(tree, patternsOf(paths), { owners, signal }));
}

/** Files that are not the context's. */
function elsewhere(tree: Tree, found: readonly Found[]): SourceGroup {
  return { tree: async () => Promise.resolve(tree), found, isLocal: false, hasOwners: false };
}

async function fromContext({ context }: Session, paths: readonly string[]): Promise<SourceGroup> {
  const found = unique(await context.find(patternsOf(paths)));
  return { tree: async () => ({ dir: await context.folder() }), found, isLocal: true, hasOwners: false };
}

function patternsOf(paths: readonly string[]): string[] {
  return paths.map((path) => (path === '' ? '.' : path));
}

/** A pattern may find what another one found. */
function unique(found: readonly Found[]): Found[] {
  return [...new Map(found.map((item) => [item.path, item])).values()];
}

/** A stage that is done, by name or number, else an image. */
async function otherTree(session: Session, from: string): Promise<Tree> {
  const image = findStage(session.done, from)?.image ?? (await heldImage(session, from));
  const layers = layerFolders(session.deps.store.folders, image.config.rootfs.diff_ids);
  if (layers.length > 0) return { layers };
  return { dir: await newFolder(session) };
}

async function heldImage(session: Session, name: string): Promise<StageImage> {
  const image = await baseImage(session, name, session.request.platform);
  hold(session, image);
  return image;
}

async function fromUrl({ session }: StepPlace, { target }: Copying, url: string): Promise<SourceGroup> {
  const dir = await newFolder(session);
  const name = await fetchFile(url, { folder: dir, target, progress: session.progress, signal: session.signal });
  return elsewhere({ dir }, await find(session, { dir }, { paths: [name], owners: false }));
}

async function fromHeredocs({ session, scope, config, instruction }: StepPlace): Promise<SourceGroup> {
  const dir = await newFolder(session);
  const expansion = stageExpansion(scope, config);
  for (const heredoc of instruction.heredocs)
    await writeFile(join(dir, heredocName(heredoc.name)), expandHeredoc(heredoc, expansion), { mode: 0o644 });
  const names = instruction.heredocs.map(({ name }) => heredocName(name));
  return elsewhere({ dir }, await find(session, { dir }, { paths: names, owners: false }));
}

/** It becomes a file's name. */
function heredocName(name: string): string {
  if (/^[^/\0]+$/.test(name) && name !== '.' && name !== '..') return name;
  throw new GantryError('engine/bad-parameter', `the heredoc ${JSON.stringify(name)} cannot be a file's name`);
}
