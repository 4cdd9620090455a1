// Bytes of the files below a folder, not following links out of it, and those of a container.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerRecord } from './record.ts';

/** What a container wrote, and that with its image. */
export async function containerSizes(
  { layers }: ContainerRecord,
  upper: string,
): Promise<{ readonly SizeRw: number; readonly SizeRootFs: number }> {
  const own = await folderSize(upper);
  const sizes = await Promise.all(layers.map(layerSize));
  return { SizeRw: own, SizeRootFs: sizes.reduce((sum, size) => sum + size, own) };
}

/** Layers never change, so each is measured once. */
const measured = new Map<string, Promise<number>>();

async function layerSize(layer: string): Promise<number> {
  const known = measured.get(layer) ?? folderSize(layer);
  measured.set(layer, known);
  try {
    return await known;
  } catch (error) {
    measured.delete(layer);
    throw error;
  }
}

/** The sum; files that vanish meanwhile count nothing. */
export async function folderSize(folder: string): Promise<number> {
  let total = 0;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(absent)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) total += await folderSize(path);
    else
      total += await lstat(path).then(
        (stats) => stats.size,
        () => 0,
      );
  }
  return total;
}

function absent(error: unknown): [] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
