// Runs gantry-fs, the C program for work on trees of files, and puts its one-line failures into words.
import type { ChildProcess } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import type { ErrorCode } from '../base/codes.ts';
import { GantryError } from '../base/error.ts';
import { startProcess } from '../base/process.ts';
import { exitOf } from './fs-job.ts';

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
      const line = await run(program, args, options);
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
      await run(program, copyArgs(options), options);
    },
    put: async ({ into, path, owner, ...input }) => {
      const owned = owner === undefined ? [] : ['--owner', owner];
      await run(program, ['put', ...treeArgs(into), '--path', path, ...owned], input);
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
  const child = startProcess(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {},
    cwd: '/',
    signal,
    killSignal: 'SIGKILL',
  });
  const taken = child.stdout === null ? Promise.resolve() : take(child.stdout);
  const [said, status] = await Promise.all([textOf(child.stderr), exitOf(child), taken]);
  signal.throwIfAborted();
  if (status !== 0) throw failureOf('snapshot', said);
  return { bytes: Number(/^bytes=(\d+)\n$/.exec(said)?.[1] ?? NaN) };
}

async function* pack(program: string, { root, recipe, signal }: PackOptions): AsyncGenerator<Buffer> {
  const args = ['pack', '--root', root, '--recipe', '-'];
  const child = startProcess(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: {}, cwd: '/', signal });
  const ended = Promise.all([textOf(child.stderr), exitOf(child), feed(child, recipe, signal)]);
  ended.catch(() => undefined);
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const [err, status, feedFailure] = await ended;
    signal.throwIfAborted();
    if (feedFailure !== undefined) throw feedFailure;
    if (status !== 0) throw failureOf('pack', err);
  } finally {
    child.kill('SIGKILL');
  }
}

interface RunInput {
  readonly source?: number | Readable;
  readonly signal?: AbortSignal;
}

async function run(program: string, args: readonly string[], { source, signal }: RunInput): Promise<string> {
  const stdin = typeof source === 'number' ? source : source === undefined ? 'ignore' : 'pipe';
  const child = startProcess(program, args, {
    stdio: [stdin, 'pipe', 'pipe'],
    env: {},
    cwd: '/',
    ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' }),
  });
  const fed = typeof source === 'object' ? feed(child, source, signal) : Promise.resolve(undefined);
  const [out, err, status, feedFailure] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    exitOf(child),
    fed,
  ]);
  signal?.throwIfAborted();
  // the feeder's failure is the cause when the archive then looks cut short; otherwise it only met a closed pipe
  if (feedFailure !== undefined && (status === 0 || err.startsWith('truncated'))) throw feedFailure;
  if (status !== 0) throw failureOf(args[0] ?? '', err);
  return out;
}

async function textOf(stream: Readable | null): Promise<string> {
  return stream === null ? '' : await text(stream);
}

/** Gives the failure instead of throwing it, so that the program's own words can be weighed against it. */
async function feed(
  child: ChildProcess,
  source: Readable,
  signal: AbortSignal | undefined,
): Promise<Error | undefined> {
  if (child.stdin === null) return undefined;
  const options = signal === undefined ? {} : { signal };
  return await pipeline(source, child.stdin, options).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
}

const REASONS: Readonly<Record<string, string>> = {
  truncated: 'the archive ends too early',
  checksum: 'this is no tar archive, or it is damaged',
  number: 'a number in its header is no valid one',
  pax: 'a PAX record is malformed',
  sparse: 'sparse files are not supported; make the archive without --sparse',
  type: 'it holds an entry of an unknown type',
  path: 'a path is too long or leads out of the image',
  whiteout: 'a whiteout is malformed',
  entries: 'it holds too many entries',
  folders: 'it holds too many folders',
  bytes: 'its files would not fit on this disk',
  'header-size': 'a header of it is larger than 1 MiB',
};

const COPY_VERBS = new Set(['copy', 'digest']);

/** What a Dockerfile is to blame for. */
const COPY_REASONS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  'open 2': ['engine/not-found', 'file does not exist'],
  'open 20': ['engine/not-found', 'not a directory'],
  'open 40': ['engine/bad-parameter', 'too many levels of symbolic links'],
  'open 1': ['engine/bad-parameter', 'this path cannot be copied'],
  'open 6': ['engine/bad-parameter', 'neither a file nor a folder'],
  'open 18': ['engine/bad-parameter', 'this path cannot be copied'],
  'type 22': ['engine/bad-parameter', 'neither a file nor a folder'],
  'open-folder 20': ['engine/bad-parameter', 'not a directory'],
  'is-folder 21': ['engine/bad-parameter', 'cannot copy a file over a directory'],
  'whiteout 22': ['engine/bad-parameter', 'a device with number 0:0 cannot be copied'],
  'mode 22': ['engine/bad-parameter', 'invalid --chmod: octal digits are expected'],
  'user 2': ['engine/bad-parameter', "unable to convert uid/gid chown string to host mapping: can't find uid for user"],
  'group 2': [
    'engine/bad-parameter',
    "unable to convert uid/gid chown string to host mapping: can't find gid for group",
  ],
  'user 22': ['engine/bad-parameter', 'invalid --chown'],
};

/** `step errno path` in words. What the archive is to blame for is the caller's fault, the rest ours. */
function failureOf(verb: string, line: string): GantryError {
  const [step = '', errno = '0', ...rest] = line.trim().split(' ');
  const path = rest.join(' ');
  const where = path === '' ? '' : ` (${path})`;
  const reason = verb === 'unpack' ? REASONS[step] : undefined;
  if (reason !== undefined)
    return new GantryError('engine/bad-parameter', `cannot unpack the archive: ${reason}${where}`);
  const isCopy = COPY_VERBS.has(verb) || step === 'user' || step === 'group';
  const copying = isCopy ? COPY_REASONS[`${step} ${errno}`] : undefined;
  if (copying !== undefined) return new GantryError(copying[0], `${copying[1]}${where}`, { details: { step, path } });
  const name = Number(errno) > 0 ? getSystemErrorName(-Number(errno)) : 'it was ended';
  const code = name === 'ENOSPC' ? 'engine/disk-full' : 'engine/internal';
  return new GantryError(code, `gantry-fs ${verb}: ${step}${where}: ${name}`);
}
