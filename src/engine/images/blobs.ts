// Takes in the bytes of blobs: hashed while written, put under their digest by a rename, never half there.
import { createHash, randomBytes, type Hash } from 'node:crypto';
import { open, rename, rm, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import { compressionOf } from '../decompress.ts';
import type { ImageFolders } from './folders.ts';
import type { BlobRecord } from './records.ts';

/** A blob that lies in the work folder. */
export interface ReceivedBlob extends BlobRecord {
  readonly file: string;
}

/** Share of the free space one blob or layer may take. */
const SPACE_SHARE = 0.95;

/** Writes a stream of bytes into the work folder. */
export async function receiveBlob(
  folders: Pick<ImageFolders, 'work'>,
  body: AsyncIterable<Uint8Array>,
  options: { readonly signal: AbortSignal },
): Promise<ReceivedBlob> {
  const file = join(folders.work, randomBytes(8).toString('hex'));
  try {
    return await receiveInto(file, body, { room: await roomBelow(folders.work), signal: options.signal });
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** Puts a received blob under its digest. */
export async function keepBlob(folders: ImageFolders, blob: ReceivedBlob): Promise<void> {
  await rename(blob.file, folders.blob(blob.digest));
}

/** Bytes that may be written below a folder. */
export async function roomBelow(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize * SPACE_SHARE;
}

interface Bounds {
  /** Bytes there is room for. */
  readonly room: number;
  readonly signal: AbortSignal;
}

async function receiveInto(file: string, body: AsyncIterable<Uint8Array>, bounds: Bounds): Promise<ReceivedBlob> {
  await using handle = await open(file, 'wx', 0o600);
  const hash = createHash('sha256');
  const start: Buffer[] = [];
  const size = await copy(body, { handle, hash, start, ...bounds });
  return { file, digest: `sha256:${hash.digest('hex')}`, size, compression: compressionOf(Buffer.concat(start)) };
}

interface CopyTask extends Bounds {
  readonly handle: FileHandle;
  readonly hash: Hash;
  /** Gets the first bytes. */
  readonly start: Buffer[];
}

/** A chunk is hashed while the one before it is written. */
async function copy(body: AsyncIterable<Uint8Array>, task: CopyTask): Promise<number> {
  let size = 0;
  let writing: Promise<unknown> = Promise.resolve();
  for await (const chunk of body) {
    task.signal.throwIfAborted();
    if (size < 8) task.start.push(Buffer.from(chunk.subarray(0, 8)));
    size += chunk.length;
    if (size > task.room) throw new GantryError('engine/disk-full', 'the image does not fit on this disk');
    await writing;
    writing = writeAll(task.handle, chunk);
    // told of when it is waited for, which may be after a long pause of the sender
    writing.catch(() => undefined);
    task.hash.update(chunk);
  }
  await writing;
  return size;
}

async function writeAll(handle: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
}
