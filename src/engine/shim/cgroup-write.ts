// One write into a cgroup. Knows no limit.

/** One write, in order. Optional: the file may be absent (swap accounting off, an older kernel). */
export interface CgroupWrite {
  readonly dir: string;
  readonly file: string;
  readonly value: string;
  readonly optional: boolean;
}

/** Where a controller's files are. */
export interface Controller {
  /** "" when no hierarchy has the controller. */
  readonly dir: string;
  readonly v1: boolean;
}

/** Makes writes into a folder; none when there is no such folder. */
export function writer(dir: string): (file: string, value: string, optional?: boolean) => CgroupWrite[] {
  return (file, value, optional = false) => (dir === '' ? [] : [{ dir, file, value, optional }]);
}
