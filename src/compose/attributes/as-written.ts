// The table for files whose variables are not filled in: where a long form would tear a variable apart, what is written
// stays. A command such as `echo ${A:-a b}` is no list of words yet.
import { command, probe } from '../canonical/command.ts';
import { FILE } from './file.ts';
import type { Shape } from './shape.ts';

const KEPT = new Set([command, probe]);

/** The shape of a whole file, commands left as they are. */
export const fileAsWritten = (): Shape => bare(FILE);

function bare(shape: Shape): Shape {
  const { canon, ...rest } = shape;
  const own = canon && KEPT.has(canon) ? (rest as Shape) : shape;
  switch (own.kind) {
    case 'union':
      return { ...own, options: own.options.map(bare) };
    case 'list':
      return { ...own, item: bare(own.item) };
    case 'dict':
      return { ...own, value: bare(own.value) };
    case 'object':
      return { ...own, fields: Object.fromEntries(Object.entries(own.fields).map(([key, one]) => [key, bare(one)])) };
    default:
      return own;
  }
}
