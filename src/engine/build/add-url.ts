// ADD of an address: fetched into a folder of the build, with the name, mode and time that Docker gives it.
import { createWriteStream } from 'node:fs';
import { chmod, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GantryError, messageOf } from '../../base/error.ts';
import { roomBelow } from '../images/blobs.ts';
import { nameOfUrl } from './copy-rules.ts';
import type { Progress } from './progress.ts';

/** Where to put what is fetched. */
export interface FetchOptions {
  readonly folder: string;
  /** The instruction's target, which may name the file. */
  readonly target: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Fetches a file, 0600 and as old as its server says; gives its name. Throws engine/bad-parameter when it cannot be had. */
export async function fetchFile(url: string, options: FetchOptions): Promise<string> {
  const { folder, target, progress, signal } = options;
  const name = nameOfUrl(url, target);
  if (name.includes('/') || name === '..') throw new GantryError('engine/bad-parameter', `bad file name in ${url}`);
  const answer = await fetchUrl(url, { signal });
  await progress.text('\n');
  const file = join(folder, name);
  await pipeline(Readable.from(capped(answer.body, await roomBelow(folder))), createWriteStream(file), { signal });
  await chmod(file, 0o600);
  const time = Date.parse(answer.headers.get('last-modified') ?? '');
  // without a time of its own it is from the epoch, so that the layer does not change
  const seconds = Number.isNaN(time) ? 0 : time / 1000;
  await utimes(file, seconds, seconds);
  return name;
}

/** An answer with status 2xx and a body. Throws engine/bad-parameter. */
export async function fetchUrl(
  url: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<{ readonly body: AsyncIterable<Uint8Array>; readonly headers: Headers }> {
  const answer = await fetch(url, { signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    const why = cause instanceof Error && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
    throw new GantryError('engine/bad-parameter', `failed to download ${url}: ${why}`, { cause });
  });
  const { body } = answer;
  if (!answer.ok || body === null)
    throw new GantryError('engine/bad-parameter', `failed to download ${url}: ${answer.status} ${answer.statusText}`);
  return { body, headers: answer.headers };
}

async function* capped(body: AsyncIterable<Uint8Array>, room: number): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > room) throw new GantryError('engine/disk-full', 'the download does not fit on this disk');
    yield chunk;
  }
}
