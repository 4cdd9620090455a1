// Which cgroup hierarchies this host has mounted and where: version 1, version 2, or both (hybrid).
import { join } from 'node:path';
import { readFileSync } from 'node:fs';

/** A mounted version 1 hierarchy. */
export interface CgroupHierarchy {
  /** Controllers it holds, or `name=systemd`. */
  readonly controllers: readonly string[];
  readonly mountpoint: string;
}

/** All hierarchies. Limits go to `v1` where the controller is there, else to `unified`. */
export interface CgroupLayout {
  readonly v1: readonly CgroupHierarchy[];
  /** Mount point of version 2, "" = not mounted. */
  readonly unified: string;
  /** Controllers that version 2 has; in a hybrid layout often none. */
  readonly unifiedControllers: readonly string[];
}

const NOT_CONTROLLERS = new Set([
  'rw',
  'ro',
  'relatime',
  'noprefix',
  'xattr',
  'clone_children',
  'cpuset_v2_mode',
  'none',
]);

/** The layout a mountinfo text shows. */
export function readCgroupLayout(mountinfo: string): CgroupLayout {
  const mounts = mountinfo.split('\n').flatMap(parseLine);
  const unified = mounts.find((mount) => mount.type === 'cgroup2')?.mountpoint ?? '';
  return {
    v1: mounts.filter((mount) => mount.type === 'cgroup').flatMap(hierarchy),
    unified,
    unifiedControllers: unified === '' ? [] : controllersOf(unified),
  };
}

/** 2 when limits are set by version 2, else 1. */
export function cgroupVersion(layout: CgroupLayout): 1 | 2 {
  return layout.v1.some((hierarchy) => hierarchy.controllers.includes('memory')) || layout.unified === '' ? 1 : 2;
}

/** The folder of a controller's hierarchy for a cgroup path, "" when no hierarchy has it. */
export function controllerDir(layout: CgroupLayout, controller: string, path: string): string {
  const v1 = layout.v1.find((hierarchy) => hierarchy.controllers.includes(controller));
  if (v1 !== undefined) return join(v1.mountpoint, path);
  return layout.unifiedControllers.includes(controller) ? join(layout.unified, path) : '';
}

/** The folder of a cgroup path in every hierarchy, in the order processes are attached. */
export function cgroupDirs(layout: CgroupLayout, path: string): readonly string[] {
  const roots = layout.v1.map((hierarchy) => hierarchy.mountpoint);
  return [...roots, ...(layout.unified === '' ? [] : [layout.unified])].map((root) => join(root, path));
}

interface Mount {
  readonly mountpoint: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** One line: fields, ` - `, type, source, super options. */
function parseLine(line: string): Mount[] {
  const [before, after] = line.split(' - ');
  const mountpoint = before?.split(' ')[4];
  const [type, , options] = after?.split(' ') ?? [];
  if (mountpoint === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return [];
  return [{ mountpoint, type, options: (options ?? '').split(',') }];
}

function hierarchy(mount: Mount): CgroupHierarchy[] {
  const controllers = mount.options.filter(
    (option) => !NOT_CONTROLLERS.has(option) && !option.startsWith('release_agent='),
  );
  return controllers.length === 0 ? [] : [{ controllers, mountpoint: mount.mountpoint }];
}

function controllersOf(unified: string): string[] {
  return readFileSync(join(unified, 'cgroup.controllers'), 'utf8').trim().split(' ').filter(Boolean);
}
