// The bytes of an archive that a client sends, kept in a file without a name until all of it is here.
import { randomBytes } from 'node:crypto';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { tellDiskFull } from '../../disk-full.ts';

/** Receives all of it; the file is gone when the handle is closed, or with the engine. Throws engine/disk-full. */
export async function receiveArchive(
  folder: string,
  body: Readable,
  { signal }: { readonly signal: AbortSignal },
): Promise<FileHandle> {
  const path = join(folder, `incoming-${randomBytes(8).toString('hex')}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await rm(path);
    await file.writeFile(body, { signal });
    return file;
  } catch (error) {
    await file.close();
    throw tellDiskFull(error);
  }
}
