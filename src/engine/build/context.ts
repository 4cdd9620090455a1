// The context of a build: received and hashed at once, unpacked into the build's private folder when something in it is
// needed that is not known from an earlier build of the very same bytes. Nothing in it is followed out of it.
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { GantryError, isGantryError } from '../../base/error.ts';
import { decompressed } from '../decompress.ts';
import type { Found } from '../gantry-fs.ts';
import { roomBelow } from '../images/blobs.ts';
import type { ImageStore } from '../images/store.ts';
import { fetchUrl } from './add-url.ts';
import { receiveBytes, type ContextBytes } from './context-bytes.ts';
import type { ContextMemo, KnownContext } from './context-memo.ts';
import { MAX_DOCKERFILE } from './dockerfile/lines.ts';
import { removeSentOnly } from './sent-only.ts';
import { checksumFits } from './tar-check.ts';

/** Where a context comes from. */
export interface ContextSource {
  readonly body: AsyncIterable<Uint8Array>;
  /** An address instead of the body; "" = none. */
  readonly remote: string;
}

/** A received context. */
export interface Context extends AsyncDisposable {
  /** What earlier builds of the same bytes found; undefined for a lone Dockerfile. */
  readonly known?: KnownContext;
  /** The text of a Dockerfile in it. Throws engine/bad-parameter when it is not there. */
  dockerfile(name: string): Promise<string>;
  /** What paths and patterns find. Throws engine/not-found, engine/bad-parameter when there is no context. */
  find(patterns: readonly string[]): Promise<readonly Found[]>;
  /** The folder it lies in, unpacked. */
  folder(): Promise<string>;
}

/** What contexts of one engine share. */
export interface ContextHome {
  readonly store: ImageStore;
  readonly memo: ContextMemo;
}

/** Receives it; what is unpacked goes below `folder`, which is the caller's to remove. Throws engine/disk-full. */
export async function receiveContext(
  home: ContextHome,
  source: ContextSource,
  options: { readonly folder: string; readonly signal: AbortSignal },
): Promise<Context> {
  const body = source.remote === '' ? source.body : (await fetchContext(source.remote, options.signal)).body;
  const blob = await receiveBytes(home.store.folders, body, options);
  if (source.remote !== '' && !(await isArchive(blob))) return await loneDockerfile(blob);
  return unpackedLater(home, blob, options);
}

/** A Dockerfile without a context. */
async function loneDockerfile(blob: ContextBytes): Promise<Context> {
  // an address may give anything: one byte more than there may be tells that it is too large
  const words = (await blob.start(MAX_DOCKERFILE + 1)).toString('utf8');
  await blob.drop();
  const none = async (): Promise<never> =>
    Promise.reject(
      new GantryError('engine/bad-parameter', 'this build has no context to copy from', {
        hint: 'send a folder instead of a lone Dockerfile',
      }),
    );
  return {
    dockerfile: async () => Promise.resolve(words),
    find: none,
    folder: none,
    [Symbol.asyncDispose]: async () => Promise.resolve(),
  };
}

function unpackedLater(
  { store, memo }: ContextHome,
  blob: ContextBytes,
  { folder, signal }: { readonly folder: string; readonly signal: AbortSignal },
): Context {
  const known = memo.of(blob.digest);
  let unpacked: Promise<string> | undefined;
  const unpackOnce = async (): Promise<string> =>
    await (unpacked ??= unpack(store, { blob, context: join(folder, 'context') }, signal));
  let sentFor = 'Dockerfile';
  let cleared: Promise<string> | undefined;
  const clear = async (): Promise<string> => {
    const context = await unpackOnce();
    await removeSentOnly(context, sentFor);
    return context;
  };
  // the Dockerfile is read first, always
  const forCopies = async (): Promise<string> => await (cleared ??= clear());
  return {
    known,
    folder: forCopies,
    dockerfile: async (name) => {
      sentFor = name;
      const read = async (): Promise<string> =>
        await readDockerfile(store, await unpackOnce(), { folder, name, signal });
      return await known.dockerfile(name, read);
    },
    find: async (patterns) =>
      await known.found(patterns, async () => await store.fs.digest({ dir: await forCopies() }, patterns, { signal })),
    [Symbol.asyncDispose]: async () => await blob.drop(),
  };
}

async function fetchContext(url: string, signal: AbortSignal): ReturnType<typeof fetchUrl> {
  if (/^https?:\/\//i.test(url) && !/\.git(#|$)/.test(url)) return await fetchUrl(url, { signal });
  throw new GantryError('engine/not-implemented', `cannot build from ${url}: this engine has no git`, {
    hint: 'clone it, then build from the folder',
  });
}

async function isArchive(blob: ContextBytes): Promise<boolean> {
  if (blob.compression !== 'none') return true;
  const block = await blob.start(512);
  return block.length === 512 && checksumFits(block);
}

async function unpack(
  store: ImageStore,
  { blob, context }: { readonly blob: ContextBytes; readonly context: string },
  signal: AbortSignal,
): Promise<string> {
  await mkdir(context, { recursive: true, mode: 0o755 });
  if (blob.size === 0) return context;
  const maxBytes = await roomBelow(context);
  const plain = decompressed(blob.stream(), blob.compression, { signal });
  const source = blob.compression === 'none' ? blob.stream() : Readable.from(plain, { objectMode: false });
  await store.fs.unpack({ root: context, maxBytes, source, signal });
  return context;
}

/** Copied out by gantry-fs, which follows links only within the context. */
async function readDockerfile(
  { fs }: ImageStore,
  context: string,
  { folder, name, signal }: { readonly folder: string; readonly name: string; readonly signal: AbortSignal },
): Promise<string> {
  const into = join(folder, 'dockerfile');
  await mkdir(into, { recursive: true });
  const pairs = [{ source: name.replace(/^\/+/, ''), target: '/text' }];
  try {
    await fs.copy({ from: { dir: context }, into: { dir: into }, pairs, signal });
  } catch (error) {
    if (!isGantryError(error, 'engine/not-found')) throw error;
    throw new GantryError('engine/bad-parameter', `Cannot locate specified Dockerfile: ${name}`, { cause: error });
  }
  // one byte more than there may be, so that a larger one is refused by who reads it
  const words = await text(createReadStream(join(into, 'text'), { end: MAX_DOCKERFILE }));
  if (words.trim() !== '') return words;
  throw new GantryError('engine/bad-parameter', `the Dockerfile (${name}) cannot be empty`);
}
