// Where a test may make cgroups: one leaf per hierarchy, below a parent that is removed with the test.
import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A hierarchy as mounted on this machine. */
export interface Hierarchy {
  readonly mount: string;
  readonly version: 1 | 2;
  /** Controllers, or `name=…`. */
  readonly controllers: readonly string[];
}

/** The mounted cgroup hierarchies. */
export async function hierarchies(): Promise<readonly Hierarchy[]> {
  const lines = (await readFile('/proc/self/mounts', 'utf8')).split('\n').map((line) => line.split(' '));
  const found = lines.map(async ([, mount = '', type = '', options = '']): Promise<Hierarchy[]> => {
    if (type === 'cgroup') return [{ mount, version: 1, controllers: options.split(',') }];
    if (type !== 'cgroup2') return [];
    const controllers = (await readFile(join(mount, 'cgroup.controllers'), 'utf8')).split(/\s+/).filter(Boolean);
    return [{ mount, version: 2, controllers }];
  });
  return (await Promise.all(found)).flat();
}

/** Leaves for one container, their parents made. */
export interface TestCgroups extends AsyncDisposable {
  readonly dirs: readonly string[];
  /** The leaf with this controller, undefined where there is none. */
  leaf(controller: string): string | undefined;
  /** The version of the hierarchy with this controller. */
  version(controller: string): 1 | 2 | undefined;
  /** Leaves that exist now. */
  left(): Promise<readonly string[]>;
}

/** Makes parents called `label` and the process's id, and names leaves `id` in them; v1 cpusets get their parents' values. */
export async function testCgroups(label: string, id: string): Promise<TestCgroups> {
  const all = await hierarchies();
  const name = `${label}-${process.pid}`;
  const parents = all.map((hierarchy) => join(hierarchy.mount, name));
  for (const parent of parents) await mkdir(parent, { recursive: true });
  for (const { mount, controllers } of all.filter(({ version }) => version === 2))
    await enable(mount, name, controllers);
  for (const parent of parents.filter((path) => path.includes('/cpuset/'))) {
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      await writeFile(join(parent, file), await readFile(join(parent, '..', file)));
    }
  }
  const dirs = parents.map((parent) => join(parent, id));
  return {
    dirs,
    leaf: (controller) => dirs[all.findIndex((hierarchy) => hierarchy.controllers.includes(controller))],
    version: (controller) => all.find((hierarchy) => hierarchy.controllers.includes(controller))?.version,
    left: async () => {
      const found = await Promise.all(dirs.map(async (dir) => ((await exists(dir)) ? [dir] : [])));
      return found.flat();
    },
    [Symbol.asyncDispose]: async () => {
      // a test that failed may leave its leaves as well
      const remove = async (dir: string): Promise<void> => {
        if (await exists(dir)) await rmdir(dir);
      };
      for (const dir of [...dirs, ...parents]) await remove(dir);
    },
  };
}

/** Controllers reach a leaf only when each level above hands them down; a root that holds processes may refuse. */
async function enable(mount: string, name: string, controllers: readonly string[]): Promise<void> {
  for (const dir of [mount, join(mount, name)]) {
    for (const controller of controllers) {
      await writeFile(join(dir, 'cgroup.subtree_control'), `+${controller}`).catch(() => undefined);
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
