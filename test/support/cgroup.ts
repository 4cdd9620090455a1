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
  return lines.flatMap(([, mount = '', type = '', options = '']): Hierarchy[] => {
    if (type === 'cgroup') return [{ mount, version: 1, controllers: options.split(',') }];
    return type === 'cgroup2' ? [{ mount, version: 2, controllers: [] }] : [];
  });
}

/** Leaves for one container, their parents made. */
export interface TestCgroups extends AsyncDisposable {
  readonly dirs: readonly string[];
  /** The leaf with this controller, undefined where there is none. */
  leaf(controller: string): string | undefined;
  /** Leaves that exist now. */
  left(): Promise<readonly string[]>;
}

/** Makes parents called `name` and names leaves `id` in them; v1 cpusets get their parents' values. */
export async function testCgroups(name: string, id: string): Promise<TestCgroups> {
  const all = await hierarchies();
  const parents = all.map((hierarchy) => join(hierarchy.mount, name));
  for (const parent of parents) await mkdir(parent, { recursive: true });
  for (const parent of parents.filter((path) => path.includes('/cpuset/'))) {
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      await writeFile(join(parent, file), await readFile(join(parent, '..', file)));
    }
  }
  const dirs = parents.map((parent) => join(parent, id));
  return {
    dirs,
    leaf: (controller) => dirs[all.findIndex((hierarchy) => hierarchy.controllers.includes(controller))],
    left: async () => {
      const found = await Promise.all(
        dirs.map(
          async (dir) =>
            await access(dir).then(
              () => [dir],
              () => [],
            ),
        ),
      );
      return found.flat();
    },
    [Symbol.asyncDispose]: async () => {
      for (const parent of parents) await rmdir(parent);
    },
  };
}
