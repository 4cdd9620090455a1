// The layers of a push, five at a time: left alone when the registry has them, mounted when a neighbour has them, else
// packed again from their files and sent.
import { createHash, randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { invariant } from '../../../base/error.ts';
import { MEDIA } from '../../registry/manifest.ts';
import { layerTar } from '../layer-tar.ts';
import { shortDigest } from '../reference.ts';
import type { Pushing } from './push.ts';
import { noteSource, sourcesOf, type LayerSource } from './store.ts';
import { together } from './together.ts';

/** A layer as the manifest names it. */
export interface PushedLayer {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
}

/** Sees to it that the repository has the layers, lowest first in what is given and given back. */
export async function pushLayers(pushing: Pushing, diffIds: readonly string[]): Promise<readonly PushedLayer[]> {
  const { lines, signal, transfer } = pushing;
  const { chains } = pushing.image;
  // docker begins with the topmost
  for (const diffId of diffIds.toReversed()) lines.say('Preparing', shortDigest(diffId));
  const pushed = new Map<string, PushedLayer>();
  const jobs = [...new Map(diffIds.map((diffId, index) => [diffId, chains[index] ?? '']))];
  await together(jobs, signal, async ([diffId, chain], either) => {
    if (transfer.uploads.isFull) lines.say('Waiting', shortDigest(diffId));
    const { digest, size } = await transfer.uploads.use(
      async () => await pushLayer({ ...pushing, signal: either }, diffId, chain),
    );
    pushed.set(diffId, { mediaType: MEDIA.dockerLayer, size, digest });
  });
  return diffIds.map((diffId) => {
    const layer = pushed.get(diffId);
    invariant(layer !== undefined, 'every layer was pushed');
    return layer;
  });
}

type Packed = Pick<LayerSource, 'digest' | 'size'>;

async function pushLayer(pushing: Pushing, diffId: string, chain: string): Promise<Packed> {
  const { ref, transfer, signal } = pushing;
  signal.throwIfAborted();
  const known = (await findThere(pushing, diffId)) ?? (await mountFrom(pushing, diffId));
  const packed = known ?? (await packAndSend(pushing, diffId, chain));
  noteSource(transfer.store, diffId, { ...packed, domain: ref.domain, path: ref.path });
  return packed;
}

/** A blob this repository was seen to have, and still has. */
async function findThere({ lines, ref, target, transfer }: Pushing, diffId: string): Promise<Packed | undefined> {
  const known = sourcesOf(transfer.store, diffId).filter(({ domain }) => domain === ref.domain);
  // a blob of the same digest may be there whoever put it
  const digests = new Map(known.map(({ digest, size }) => [digest, size]));
  for (const digest of [...digests.keys()].slice(0, 3)) {
    const size = await target.sizeOf(digest);
    if (size === undefined) continue;
    lines.say('Layer already exists', shortDigest(diffId));
    return { digest, size };
  }
  return undefined;
}

async function mountFrom({ lines, ref, target, transfer }: Pushing, diffId: string): Promise<Packed | undefined> {
  const neighbours = sourcesOf(transfer.store, diffId).filter(
    ({ domain, path }) => domain === ref.domain && path !== ref.path,
  );
  for (const { digest, size, path } of neighbours.slice(0, 4)) {
    if (!(await target.mount(digest, path))) continue;
    lines.say(`Mounted from ${path}`, shortDigest(diffId));
    return { digest, size };
  }
  return undefined;
}

/** Packed into a file first: the registry is told digest and size, and a second try costs nothing. */
async function packAndSend(pushing: Pushing, diffId: string, chain: string): Promise<Packed> {
  const { lines, signal, target, transfer } = pushing;
  const { store } = transfer;
  const layer = store.records.layer(chain);
  invariant(layer !== undefined, 'an image has its layers');
  const id = shortDigest(diffId);
  const file = join(store.folders.work, `push-${randomBytes(8).toString('hex')}`);
  try {
    const hash = createHash('sha256');
    const tap = new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        hash.update(chunk);
        done(undefined, chunk);
      },
    });
    const tar = Readable.from(layerTar(store, layer, { signal }), { objectMode: false });
    await pipeline(tar, createGzip(), tap, createWriteStream(file, { mode: 0o600 }), { signal });
    const packed = { digest: `sha256:${hash.digest('hex')}`, size: (await stat(file)).size };
    if ((await target.sizeOf(packed.digest)) === packed.size) {
      lines.say('Layer already exists', id);
      return packed;
    }
    await target.send(packed, () =>
      counted(file, (current) => lines.bar('Pushing', id, { current, total: packed.size })),
    );
    lines.say('Pushed', id);
    return packed;
  } finally {
    await rm(file, { force: true });
  }
}

function counted(file: string, onBytes: (bytes: number) => void): Readable {
  const source = createReadStream(file, { highWaterMark: 256 * 1024 });
  source.on('data', () => onBytes(source.bytesRead));
  source.pause();
  return source;
}
