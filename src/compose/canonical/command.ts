// A command written as one string, split into words by the shell's quoting rules; no shell is involved.
import type { Canon } from '../attributes/shape.ts';
import { listOf, text } from '../tree.ts';
import { withUnset } from './lists.ts';
import { splitWords } from './words.ts';

/** A string becomes its words. */
export const command: Canon = (tree, report) => {
  if (tree.kind !== 'scalar' || tree.type !== 'string') return tree;
  const words = splitWords(String(tree.value));
  if (!words) {
    report('has a quote that is not closed', tree.origin, 'close the quote, or write the command as a list');
    return tree;
  }
  return listOf(
    words.map((word) => withUnset(text(word, tree.origin), tree)),
    tree.origin,
  );
};

/** A string becomes a CMD-SHELL probe. */
export const probe: Canon = (tree) => {
  if (tree.kind !== 'scalar' || tree.type !== 'string') return tree;
  return listOf([text('CMD-SHELL', tree.origin), tree], tree.origin);
};
