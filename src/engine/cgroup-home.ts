// The daemon's stay in the engine's cgroup (`/gantry[-tag]/engine`, made by shim/cgroup-root.ts): without it the daemon
// would live, be limited and be killed with the session that happened to start it.
import { readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GantryError, messageOf } from '../base/error.ts';
import { cgroupDirs, readCgroupLayout } from './shim/cgroup-layout.ts';
import { engineCgroup, enterEngineCgroup } from './shim/cgroup-root.ts';

const RETRY_MS = 10;
/** How long a zygote without containers may take to end. */
const PATIENCE_MS = 300;

/** Moves this process there, and so all it starts later. The result moves it back out, and removes what is empty then. */
export function enterCgroupHome(tag: string): () => Promise<void> {
  const layout = readCgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'));
  try {
    enterEngineCgroup(layout, tag);
  } catch (cause) {
    throw new GantryError('engine/unsupported-host', `cgroups cannot be written: ${messageOf(cause)}`, { cause });
  }
  return async () => {
    for (const top of cgroupDirs(layout, '/')) writeFileSync(join(top, 'cgroup.procs'), String(process.pid));
    const deadline = performance.now() + PATIENCE_MS;
    for (const dir of cgroupDirs(layout, engineCgroup(tag))) {
      // the folders stay while a zygote or containers live in them; the next run takes them over
      if (await removed(join(dir, 'engine'), deadline)) await removed(dir, deadline);
    }
  };
}

/** The last process may be about to end, and a cgroup whose last process has just ended is busy for a moment more. */
async function removed(dir: string, deadline: number): Promise<boolean> {
  for (;;) {
    try {
      rmdirSync(dir);
      return true;
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) return false;
    }
    await delay(RETRY_MS);
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EBUSY';
}
