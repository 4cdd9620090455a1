// The verbs of gantry-fs, the C program for work on trees of files, that images, builds and volumes use. Files of
// containers have verbs of their own: see containers/files.
import type { Readable } from 'node:stream';
import { GantryError } from '../base/error.ts';
import { fsFailure } from './fs-failures.ts';
import { outcome, startFs, type FsOptions } from './fs-job.ts';

/** What an unpacked archive came to. */
export interface Unpacked {
  readonly entries: number;
  readonly bytes: number;
  /** True when the recipe makes the very same archive again. */
  readonly hasRecipe: boolean;
}

/** Bounds of an unpack. */
export interface UnpackOptions {
  readonly root: string;
  /** An open file that holds the tar, or a stream of it. */
  readonly source: number | Readable;
  /** A new file for what the archive says beside the contents of its files; none when the archive is not asked for. */
  readonly recipe?: string;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** What a snapshot came to. */
export interface Snapshot {
  /** Bytes of its files. */
  readonly bytes: number;
}

/** What to make a layer archive of. */
export interface SnapshotOptions {
  /** An overlay's upper folder. */
  readonly root: string;
  /** A new file for the recipe, unless somebody else makes it. */
  readonly recipe?: string;
  /** Takes the archive; a promise holds the next bytes back. */
  readonly take: (archive: AsyncIterable<Buffer>) => Promise<void>;
  readonly signal: AbortSignal;
}

/** A tar to be made of files and a recipe. */
export interface PackOptions {
  readonly root: string;
  /** The plain recipe. */
  readonly recipe: Readable;
  readonly signal: AbortSignal;
}

/** A tree to read: a folder, or layers (topmost first) as overlayfs merges them. */
export type Tree = { readonly dir: string } | { readonly layers: readonly string[] };

/** A tree to write: a folder, or an upper folder over layers. */
export type WritableTree =
  { readonly dir: string } | { readonly layers: readonly string[]; readonly upper: string; readonly work: string };

/** What a pattern found. */
export interface Found {
  /** Without a leading slash; "" = the whole tree. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'other';
  /** 64 hex digits over kind, mode, extended attributes and content, names included. */
  readonly digest: string;
}

/** What a digest is made of beside kind, mode, extended attributes and content. */
export interface DigestOptions {
  /** Who the files belong to counts. */
  readonly owners?: boolean;
  readonly signal: AbortSignal;
}

/** What to copy from one tree into another. */
export interface CopyOptions {
  /** Nothing is read without it. */
  readonly from?: Tree;
  readonly into: WritableTree;
  /** A folder to make sure of first. */
  readonly make?: string;
  /** `user[:group]`, looked up in the tree that is written; root when not given. */
  readonly owner?: string;
  /** What is copied keeps its owners. */
  readonly keepOwners?: boolean;
  /** Octal digits; the sources' own when not given. */
  readonly mode?: string;
  readonly pairs: readonly { readonly source: string; readonly target: string }[];
  readonly signal: AbortSignal;
}

/** gantry-fs, bound to its path. */
export interface GantryFs {
  /** Finds files by paths and patterns (`*`, `?`, `[…]` within a name). A path that is not there throws engine/not-found. */
  digest(tree: Tree, patterns: readonly string[], options: DigestOptions): Promise<Found[]>;
  /** Copies; both sides are confined to their trees. Throws engine/not-found and engine/bad-parameter. */
  copy(options: CopyOptions): Promise<void>;
  /** Unpacks a tar below `root`. Throws engine/bad-parameter for an archive that is refused. */
  unpack(options: UnpackOptions): Promise<Unpacked>;
  /** Unpacks a plain tar into a folder of a tree; `.wh.` names are names. Owners are the archive's unless one is given. */
  put(options: {
    readonly into: WritableTree;
    readonly path: string;
    readonly source: Readable;
    /** `user[:group]`, looked up in the tree. */
    readonly owner?: string;
    readonly signal: AbortSignal;
  }): Promise<void>;
  /** Makes the layer archive of an upper folder, whiteouts and all. */
  snapshot(options: SnapshotOptions): Promise<Snapshot>;
  /** The very archive that was once unpacked with a recipe. Throws when the files are not what they were. */
  pack(options: PackOptions): AsyncGenerator<Buffer>;
  /** Removes trees, never crossing a mount; absent ones are no failure. */
  remove(paths: readonly string[], options: { readonly signal?: AbortSignal }): Promise<void>;
  /** Resolves when all that was written to a folder's file system is on its disk. */
  sync(path: string): Promise<void>;
  /** Bytes of the files below a folder, each counted once. */
  size(path: string, options: { readonly signal?: AbortSignal }): Promise<number>;
}

/** gantry-fs at a path. */
export function gantryFs(program: string): GantryFs {
  return {
    unpack: async (options) => {
      const { root, recipe, maxBytes } = options;
      const noted = recipe === undefined ? [] : ['--recipe', recipe];
      const args = ['unpack', '--root', root, ...noted, '--max-bytes', String(Math.floor(maxBytes))];
      const line = await run(program, args, { input: options.source, signal: options.signal });
      const found = /^entries=(\d+) bytes=(\d+) recipe=([01])\n$/.exec(line);
      if (!found) throw new GantryError('engine/internal', `gantry-fs unpack answered ${JSON.stringify(line)}`);
      return { entries: Number(found[1]), bytes: Number(found[2]), hasRecipe: found[3] === '1' };
    },
    digest: async (tree, patterns, options) => {
      const text = await run(
        program,
        ['digest', ...treeArgs(tree), ...(options.owners === true ? ['--owners'] : []), '--', ...patterns],
        options,
      );
      return text.split('\0').flatMap(parseFound);
    },
    copy: async (options) => {
      await run(program, copyArgs(options), { signal: options.signal });
    },
    put: async ({ into, path, owner, source, signal }) => {
      const owned = owner === undefined ? [] : ['--owner', owner];
      await run(program, ['put', ...treeArgs(into), '--path', path, ...owned], { input: source, signal });
    },
    snapshot: async (options) => await snapshot(program, options),
    pack: (options) => pack(program, options),
    remove: async (paths, options) => {
      if (paths.length > 0) await run(program, ['remove', ...paths], options);
    },
    sync: async (path) => {
      await run(program, ['sync', path], {});
    },
    size: async (path, options) => {
      const line = await run(program, ['size', path], options);
      return Number(/^bytes=(\d+)\n$/.exec(line)?.[1] ?? NaN);
    },
  };
}

function treeArgs(tree: Tree | WritableTree): string[] {
  if ('dir' in tree) return ['--root', tree.dir];
  const layers = tree.layers.flatMap((layer) => ['--layer', layer]);
  return 'upper' in tree ? [...layers, '--upper', tree.upper, '--work', tree.work] : layers;
}

function copyArgs({ from, into, make, owner, keepOwners, mode, pairs }: CopyOptions): string[] {
  const option = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [name, value]);
  return [
    'copy',
    ...(from === undefined ? [] : treeArgs(from)),
    '--into',
    ...treeArgs(into),
    ...option('--make', make),
    ...option('--owner', owner),
    ...(keepOwners === true ? ['--keep-owners'] : []),
    ...option('--mode', mode),
    '--',
    ...pairs.flatMap(({ source, target }) => [source, target]),
  ];
}

const KINDS: Readonly<Record<string, Found['kind']>> = { f: 'file', d: 'folder', o: 'other' };

function parseFound(line: string): Found[] {
  const match = /^([fdo]) ([0-9a-f]{64}) (.*)$/s.exec(line);
  if (!match) return [];
  return [{ kind: KINDS[match[1] ?? ''] ?? 'other', digest: match[2] ?? '', path: match[3] ?? '' }];
}

async function snapshot(program: string, { root, recipe, take, signal }: SnapshotOptions): Promise<Snapshot> {
  const args = ['snapshot', '--root', root, ...(recipe === undefined ? [] : ['--recipe', recipe])];
  const { output, said, ended } = startFs(program, args, { signal });
  const [failure, line] = await Promise.all([ended, said, take(output)]);
  if (failure !== undefined) throw fsFailure('snapshot', failure);
  return { bytes: Number(/^bytes=(\d+)\n$/.exec(line)?.[1] ?? NaN) };
}

async function* pack(program: string, { root, recipe, signal }: PackOptions): AsyncGenerator<Buffer> {
  const job = startFs(program, ['pack', '--root', root, '--recipe', '-'], { input: recipe, signal });
  try {
    yield* job.output as AsyncIterable<Buffer>;
    const failure = await job.ended;
    if (failure !== undefined) throw fsFailure('pack', failure);
  } finally {
    job.stop();
  }
}

async function run(program: string, args: readonly string[], options: FsOptions): Promise<string> {
  const answer = await outcome(startFs(program, args, options));
  if (!Buffer.isBuffer(answer)) throw fsFailure(args[0] ?? '', answer);
  return answer.toString('utf8');
}
