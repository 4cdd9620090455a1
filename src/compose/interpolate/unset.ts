// Warns of variables without a value, where the final model uses them and nowhere else.
import type { Problems } from '../problems.ts';
import type { Tree } from '../tree.ts';

/** One warning for each variable, at its first use. */
export function warnUnset(tree: Tree, problems: Problems, seen: Set<string> = new Set()): void {
  if (tree.kind === 'map') for (const { value } of tree.entries.values()) warnUnset(value, problems, seen);
  if (tree.kind === 'list') for (const item of tree.items) warnUnset(item, problems, seen);
  if (tree.kind !== 'scalar') return;
  for (const name of tree.unset ?? []) {
    if (seen.has(name)) continue;
    seen.add(name);
    const hint = `set it, or give it a default: \${${name}:-value}`;
    problems.warn('compose/unset-variable', `the variable "${name}" is not set; it counts as empty`, tree.origin, {
      hint,
    });
  }
}
