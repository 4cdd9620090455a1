// The layer between every image and its container: mount points and links that must be there and be no image's symlinks.
// One folder serves all containers, read-only, so that mount points never show up as changes of a container.
import { chmodSync, lstatSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['dev/pts', 'dev/shm', 'etc', 'proc', 'sys'];
const FILES = ['.dockerenv', 'dev/console', 'etc/hostname', 'etc/hosts', 'etc/resolv.conf'];

/** Where it is. */
export function initLayer(data: string): string {
  return join(data, 'init-layer');
}

/** Makes it unless it is there. */
export function makeInitLayer(data: string): void {
  const root = initLayer(data);
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true, mode: 0o755 });
  chmodSync(root, 0o755);
  for (const file of FILES) writeFileSync(join(root, file), '', { mode: 0o755 });
  if (lstatSync(join(root, 'etc/mtab'), { throwIfNoEntry: false }) === undefined)
    symlinkSync('/proc/mounts', join(root, 'etc/mtab'));
}
