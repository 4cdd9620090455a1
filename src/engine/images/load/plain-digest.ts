// The digest of a layer's plain tar, for archives that do not say it.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { decompressed } from '../../decompress.ts';
import type { ReceivedBlob } from '../blobs.ts';

/** `sha256:` of what a received blob holds when its compression is taken off. */
export async function plainDigest(
  { file, digest, compression }: ReceivedBlob,
  { signal }: { readonly signal: AbortSignal },
): Promise<string> {
  if (compression === 'none') return digest;
  const hash = createHash('sha256');
  for await (const chunk of decompressed(createReadStream(file), compression, { signal })) hash.update(chunk);
  return `sha256:${hash.digest('hex')}`;
}
