// Bytes of the files below a folder, not following links out of it.
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

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
