// The daemon's stay in the engine's cgroup (`/gantry[-tag]/engine`, made by shim/cgroup-root.ts): without it the daemon
// would live, be limited and be killed with the session that happened to start it.
import { readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GantryError, messageOf } from '../base/error.ts';
import { cgroupDirs, readCgroupLayout } from './shim/cgroup-layout.ts';
import { engineCgroup, enterEngineCgroup } from './shim/cgroup-root.ts';

const RETRIES = 20;
const RETRY_MS = 10;

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
    for (const dir of cgroupDirs(layout, engineCgroup(tag))) {
      // the folders stay while a zygote or containers live in them; the next run takes them over
      if (await removed(join(dir, 'engine'))) await removed(dir);
    }
  };
}

/** A cgroup whose last process has just ended is busy for a moment more. */
async function removed(dir: string): Promise<boolean> {
  for (let attempt = 0; attempt < RETRIES && !hasProcesses(dir); attempt += 1) {
    try {
      rmdirSync(dir);
      return true;
    } catch (error) {
      if (!isBusy(error)) return false;
    }
    await delay(RETRY_MS);
  }
  return false;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EBUSY';
}

function hasProcesses(dir: string): boolean {
  return readFileSync(join(dir, 'cgroup.procs'), 'utf8').trim() !== '';
}
