// Freezes and thaws the processes of a cgroup, in either version.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GantryError } from '../../base/error.ts';
import { controllerDir, type CgroupLayout } from './cgroup-layout.ts';

const PATIENCE_MS = 5000;
const POLL_MS = 2;

/** Freezes (or thaws) and resolves when the kernel says that it is so. */
export async function freezeCgroup(layout: CgroupLayout, path: string, frozen: boolean): Promise<void> {
  const v1 = controllerDir(layout, 'freezer', path);
  if (v1 !== '') {
    await writeFile(join(v1, 'freezer.state'), frozen ? 'FROZEN' : 'THAWED');
    await until(join(v1, 'freezer.state'), (text) => text.trim() === (frozen ? 'FROZEN' : 'THAWED'));
    return;
  }
  const dir = join(layout.unified, path);
  await writeFile(join(dir, 'cgroup.freeze'), frozen ? '1' : '0');
  await until(join(dir, 'cgroup.events'), (text) => text.includes(`frozen ${frozen ? 1 : 0}`));
}

/** Neither file of version 1 can be waited for, and a freeze takes a moment: hence short looks. */
async function until(file: string, isDone: (text: string) => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!isDone(await readFile(file, 'utf8'))) {
    if (performance.now() > end)
      throw new GantryError('engine/internal', 'the kernel did not freeze the container in time');
    await delay(POLL_MS);
  }
}
