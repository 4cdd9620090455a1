// The engine's own part of the cgroup tree: `/gantry[-tag]`, with a leaf `engine` for the daemon, the zygote and the
// shims. Containers get leaves beside it. Kept apart from limits, which are a container's (cgroup-limits.ts).
import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cgroupDirs, controllerDir, type CgroupLayout } from './cgroup-layout.ts';

/** Path of an engine's cgroup below each hierarchy's mount point. */
export function engineCgroup(tag: string): string {
  return tag === '' ? '/gantry' : `/gantry-${tag}`;
}

/** Makes the tree and moves this process into its leaf, so that what it starts is born there. */
export function enterEngineCgroup(layout: CgroupLayout, tag: string): void {
  const root = engineCgroup(tag);
  makeCgroupPath(layout, join(root, 'engine'));
  for (const dir of cgroupDirs(layout, join(root, 'engine')))
    writeFileSync(join(dir, 'cgroup.procs'), String(process.pid));
}

/** Makes a cgroup path in every hierarchy; version 2 hands its controllers down, cpuset (version 1) is filled from above. */
export function makeCgroupPath(layout: CgroupLayout, path: string): void {
  for (const dir of cgroupDirs(layout, path)) mkdirSync(dir, { recursive: true });
  const cpuset = layout.v1.find((hierarchy) => hierarchy.controllers.includes('cpuset'));
  if (cpuset !== undefined) fillCpuset(cpuset.mountpoint, join(cpuset.mountpoint, path));
  if (layout.unifiedControllers.length > 0) delegate(layout, dirname(path));
}

/** Removes a container's leaf where the shim could not. Absent is fine, and so is one that is still in use. */
export function removeCgroup(layout: CgroupLayout, path: string): void {
  for (const dir of cgroupDirs(layout, path)) {
    try {
      rmdirSync(dir);
    } catch (error) {
      if (!isCode(error, 'ENOENT', 'EBUSY')) throw error;
    }
  }
}

/** Removes leaves of an engine that no container has: their shims were killed before they could. */
export function sweepCgroups(layout: CgroupLayout, tag: string, isKnown: (name: string) => boolean): void {
  const [top] = cgroupDirs(layout, engineCgroup(tag));
  const names = top === undefined ? [] : readdirSync(top, { withFileTypes: true });
  for (const entry of names) {
    if (entry.isDirectory() && entry.name !== 'engine' && !isKnown(entry.name)) {
      removeCgroup(layout, join(engineCgroup(tag), entry.name));
    }
  }
}

/** Process ids in a container's cgroup. */
export function cgroupProcesses(layout: CgroupLayout, path: string): readonly number[] {
  const dir = controllerDir(layout, 'pids', path) || cgroupDirs(layout, path)[0];
  if (dir === undefined) return [];
  try {
    return readFileSync(join(dir, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number);
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENODEV')) return [];
    throw error;
  }
}

/** Level by level: a child starts empty and takes no process until both files hold something. */
function fillCpuset(top: string, dir: string): void {
  if (dir === top || !dir.startsWith(top)) return;
  fillCpuset(top, dirname(dir));
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (readFileSync(join(dir, file), 'utf8').trim() !== '') continue;
    writeFileSync(join(dir, file), readFileSync(join(dirname(dir), file), 'utf8').trim());
  }
  // containers' leaves below it are filled by the kernel then, at no cost
  writeFileSync(join(dir, 'cgroup.clone_children'), '1');
}

/** Enables every controller from the top down to `path` for the children of `path`. */
function delegate(layout: CgroupLayout, path: string): void {
  const steps = path.split('/').filter(Boolean);
  for (let depth = 0; depth <= steps.length; depth++) {
    const dir = join(layout.unified, ...steps.slice(0, depth));
    for (const controller of layout.unifiedControllers) enable(dir, controller);
  }
}

function enable(dir: string, controller: string): void {
  try {
    writeFileSync(join(dir, 'cgroup.subtree_control'), `+${controller}`);
  } catch (error) {
    // a controller that a level above keeps to itself is not ours to give; limits that need it fail when they are set
    if (!isCode(error, 'ENOENT', 'EBUSY', 'EINVAL', 'EOPNOTSUPP')) throw error;
  }
}

function isCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
