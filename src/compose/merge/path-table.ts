// Rules keyed by dotted paths in which `*` stands for one name, such as `services.*.command`.

/** Looks up the rule for a path given as its keys. */
export type PathTable<T> = (path: readonly string[]) => T | undefined;

interface Branch<T> {
  readonly next: Map<string, Branch<T>>;
  rule?: T;
}

/** Builds a table. A literal key wins over `*`. */
export function pathTable<T>(rules: Readonly<Record<string, T>>): PathTable<T> {
  const root: Branch<T> = { next: new Map() };
  for (const [path, rule] of Object.entries(rules)) {
    let branch = root;
    for (const key of path.split('.')) {
      const next: Branch<T> = branch.next.get(key) ?? { next: new Map() };
      branch.next.set(key, next);
      branch = next;
    }
    branch.rule = rule;
  }
  return (path) => find(root, path, 0);
}

function find<T>(branch: Branch<T>, path: readonly string[], at: number): T | undefined {
  const key = path[at];
  if (key === undefined) return branch.rule;
  for (const next of [branch.next.get(key), branch.next.get('*')]) {
    const rule = next && find(next, path, at + 1);
    if (rule !== undefined) return rule;
  }
  return undefined;
}
