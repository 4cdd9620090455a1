// Layers that come from outside: digests checked, made once however often they come, held until an image has them.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { addLayer, holdLayer, putImage, type LayerSource } from '../../src/engine/images/add-layer.ts';
import { chainIds } from '../../src/engine/images/config.ts';
import { parseReference } from '../../src/engine/images/reference.ts';
import { sweep } from '../../src/engine/images/sweep.ts';
import { TestAreas } from '../support/areas.ts';
import { tarOf } from '../support/tar.ts';

const LOWER = tarOf({ name: 'etc/', type: '5' }, { name: 'etc/motd', data: 'hello\n' });
const UPPER = tarOf({ name: 'etc/issue', data: 'two\n' });
const signal = new AbortController().signal;

function digest(data: Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** A source that counts how often it was opened. */
function sourceOf(bytes: Uint8Array, rest: Omit<LayerSource, 'open'> = {}): LayerSource & { opened: number } {
  const source = { ...rest, opened: 0, open: () => (source.opened++, Readable.from([bytes])) };
  return source;
}

async function left(areas: TestAreas): Promise<string[]> {
  const folders = ['layers', 'blobs/sha256', 'image-work'];
  return (await Promise.all(folders.map(async (folder) => readdir(join(areas.data, folder))))).flat();
}

describe('a layer from outside', () => {
  it('becomes part of an image, and stays while it is held', async () => {
    await using areas = await TestAreas.create();
    const { store, images } = areas;
    const [below = '', above = ''] = chainIds([digest(LOWER), digest(UPPER)]);
    const phases: string[] = [];
    const gz = gzipSync(LOWER);
    {
      // the upper one first: what is below need not be there
      using upper = await addLayer(store, sourceOf(zstdCompressSync(UPPER), { below, diffId: digest(UPPER) }), {
        signal,
      });
      using lower = await addLayer(
        store,
        sourceOf(gz, {
          digest: digest(gz),
          diffId: digest(LOWER),
          onReceived: () => phases.push('received'),
          onUnpacked: (bytes) => phases.push(String(bytes)),
        }),
        { signal },
      );
      expect([lower.layer.chain, upper.layer.chain, lower.known]).toEqual([below, above, false]);
      await sweep(store);
      const diffIds = [digest(LOWER), digest(UPPER)];
      const config = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: diffIds } };
      putImage(store, { configText: JSON.stringify(config), refs: [parseReference('two:1')] });
    }
    await sweep(store);
    expect(phases).toEqual(['received', String(gz.length)]);
    const { layers } = images.resolve('two:1');
    expect(await readFile(join(layers[0] ?? '', 'etc/issue'), 'utf8')).toBe('two\n');
    expect(await readFile(join(layers[1] ?? '', 'etc/motd'), 'utf8')).toBe('hello\n');
    await images.remove('two:1', { force: false });
    expect([await left(areas), store.pins.isAny()]).toEqual([[], false]);
  });

  it('is opened and unpacked once when it comes several times at once', async () => {
    await using areas = await TestAreas.create();
    const sources = Array.from({ length: 4 }, () => sourceOf(gzipSync(LOWER), { diffId: digest(LOWER) }));
    const made = await Promise.all(sources.map(async (source) => await addLayer(areas.store, source, { signal })));
    expect(sources.map(({ opened }) => opened)).toEqual([1, 0, 0, 0]);
    expect(made.map(({ known }) => known)).toEqual([false, true, true, true]);
    for (const held of made.slice(1)) held[Symbol.dispose]();
    await sweep(areas.store);
    expect(await left(areas)).toHaveLength(1);
    made[0]?.[Symbol.dispose]();
    await sweep(areas.store);
    expect([await left(areas), holdLayer(areas.store, digest(LOWER))]).toEqual([[], undefined]);
  });

  it('lets the next one try when the first fails', async () => {
    await using areas = await TestAreas.create();
    const failing: LayerSource = { diffId: digest(LOWER), open: () => Promise.reject(new Error('the line broke')) };
    const [first, second] = await Promise.allSettled([
      addLayer(areas.store, failing, { signal }),
      addLayer(areas.store, sourceOf(LOWER, { diffId: digest(LOWER) }), { signal }),
    ]);
    expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
  });

  it.each([
    ['its digest', { digest: digest(UPPER) }, 'a layer came damaged'],
    ['its diff id, plain', { diffId: digest(UPPER) }, 'a layer is not what its image says'],
  ])('is refused when it is not what %s says', async (_what, known, message) => {
    await using areas = await TestAreas.create();
    for (const bytes of [LOWER, gzipSync(LOWER)])
      await expect(addLayer(areas.store, sourceOf(bytes, known), { signal })).rejects.toThrow(message);
    expect([await left(areas), areas.store.pins.isAny()]).toEqual([[], false]);
  });
});
