// The context of a build: received, unpacked into the build's private folder, its Dockerfile read. Nothing in it is
// followed out of it.
import { createReadStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { GantryError, isGantryError } from '../../base/error.ts';
import { decompressed } from '../decompress.ts';
import type { GantryFs } from '../gantry-fs.ts';
import { receiveBlob, roomBelow, type ReceivedBlob } from '../images/blobs.ts';
import { dropReceived } from '../images/layers.ts';
import type { ImageStore } from '../images/store.ts';
import { fetchUrl } from './add-url.ts';
import { removeSentOnly } from './sent-only.ts';
import { checksumFits } from './tar-check.ts';

/** Where a context comes from and what of it is the Dockerfile. */
export interface ContextSource {
  readonly body: AsyncIterable<Uint8Array>;
  /** An address instead of the body; "" = none. */
  readonly remote: string;
  readonly dockerfile: string;
}

/** An unpacked context. */
export interface Context {
  /** undefined when all that came was a Dockerfile. */
  readonly folder: string | undefined;
  readonly dockerfile: string;
}

/** Cap on the text of a Dockerfile, bytes. */
const MAX_DOCKERFILE = 16 * 1024 * 1024;

/** Receives it below `folder`, which is the caller's to remove. Throws engine/bad-parameter and engine/disk-full. */
export async function receiveContext(
  store: ImageStore,
  source: ContextSource,
  options: { readonly folder: string; readonly signal: AbortSignal },
): Promise<Context> {
  const { folder, signal } = options;
  const body = source.remote === '' ? source.body : (await fetchContext(source.remote, signal)).body;
  const blob = await receiveBlob(store.folders, body, { signal });
  try {
    if (source.remote !== '' && !(await isArchive(blob, signal)))
      return { folder: undefined, dockerfile: await text(createReadStream(blob.file, { end: MAX_DOCKERFILE })) };
    const context = join(folder, 'context');
    await mkdir(context, { recursive: true, mode: 0o755 });
    if (blob.size > 0) await unpack(store, { blob, context }, signal);
    const dockerfile = await readDockerfile(store.fs, { context, folder }, source, signal);
    await removeSentOnly(context, source.dockerfile);
    return { folder: context, dockerfile };
  } finally {
    await dropReceived(blob);
  }
}

async function fetchContext(url: string, signal: AbortSignal): ReturnType<typeof fetchUrl> {
  if (/^https?:\/\//i.test(url) && !/\.git(#|$)/.test(url)) return await fetchUrl(url, { signal });
  throw new GantryError('engine/not-implemented', `cannot build from ${url}: this engine has no git`, {
    hint: 'clone it, then build from the folder',
  });
}

async function isArchive(blob: ReceivedBlob, signal: AbortSignal): Promise<boolean> {
  if (blob.compression !== 'none') return true;
  await using file = await open(blob.file);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
  signal.throwIfAborted();
  return bytesRead === 512 && checksumFits(buffer);
}

async function unpack(
  store: ImageStore,
  { blob, context }: { readonly blob: ReceivedBlob; readonly context: string },
  signal: AbortSignal,
): Promise<void> {
  const plain = decompressed(createReadStream(blob.file, { highWaterMark: 256 * 1024 }), blob.compression, { signal });
  const source = Readable.from(plain, { objectMode: false });
  await store.fs.unpack({ root: context, maxBytes: await roomBelow(context), source, signal });
}

/** Copied out by gantry-fs, which follows links only within the context. */
async function readDockerfile(
  fs: GantryFs,
  { context, folder }: { readonly context: string; readonly folder: string },
  { dockerfile }: ContextSource,
  signal: AbortSignal,
): Promise<string> {
  const into = join(folder, 'dockerfile');
  await mkdir(into, { recursive: true });
  const pairs = [{ source: dockerfile.replace(/^\/+/, ''), target: '/text' }];
  try {
    await fs.copy({ from: { dir: context }, into: { dir: into }, pairs, signal });
  } catch (error) {
    if (!isGantryError(error, 'engine/not-found')) throw error;
    throw new GantryError('engine/bad-parameter', `Cannot locate specified Dockerfile: ${dockerfile}`, {
      cause: error,
    });
  }
  const words = await text(createReadStream(join(into, 'text'), { end: MAX_DOCKERFILE }));
  if (words.trim() !== '') return words;
  throw new GantryError('engine/bad-parameter', `the Dockerfile (${dockerfile}) cannot be empty`);
}
