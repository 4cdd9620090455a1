// Warns of variables without a value, where the final model uses them and nowhere else.
import type { Env } from '../../base/env.ts';
import { didYouMean } from '../../base/did-you-mean.ts';
import type { Problems } from '../problems.ts';
import type { Origin } from '../source.ts';
import type { Tree } from '../tree.ts';

/** One warning for each variable, at its first use. */
export function warnUnset(tree: Tree, env: Env, problems: Problems): void {
  const seen = new Set<string>();
  visit(tree, (name, origin) => {
    if (seen.has(name) || seen.size > MAX_NAMES) return;
    seen.add(name);
    const meant = didYouMean(name, Object.keys(env));
    const hint = `${meant === undefined ? '' : `${meant} else `}set it, or give it a default: \${${name}:-value}`;
    const message = `the variable "${name}" is not set; it counts as empty`;
    problems.warn('compose/unset-variable', message, expressionOf(name, origin), { hint });
  });
}

const MAX_NAMES = 500;

function visit(tree: Tree, found: (name: string, origin: Origin) => void): void {
  if (tree.kind === 'map') for (const { value } of tree.entries.values()) visit(value, found);
  else if (tree.kind === 'list') for (const item of tree.items) visit(item, found);
  else for (const name of tree.unset ?? []) found(name, tree.origin);
}

/** The expression inside the text. */
function expressionOf(name: string, origin: Origin): Origin {
  const text = origin.source.text.slice(origin.start, origin.end);
  const match = new RegExp(`\\$(?:${name}(?![_a-zA-Z0-9])|\\{${name}\\b)`).exec(text);
  if (!match) return origin;
  const start = origin.start + match.index;
  const close = match[0].includes('{') ? text.indexOf('}', match.index) + 1 - match.index : 0;
  return { ...origin, start, end: start + Math.max(match[0].length, close) };
}
