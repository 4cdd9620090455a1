// What the phases that read files share.
import type { Variables } from '../interpolate/known.ts';
import type { Problems } from '../problems.ts';
import type { Tree } from '../tree.ts';

/** One project directory being read: the main one, or that of an include or an extended file. */
export interface AssembleContext extends Variables {
  /** Relative paths begin here. */
  readonly dir: string;
  readonly problems: Problems;
  readonly interpolate: boolean;
  /** False: relative paths of included files stay relative, to the folder of the file that includes them. */
  readonly resolvePaths: boolean;
  /** Text of standard input, for the file '-'. */
  readonly stdin: string | undefined;
  /** How many more projects may be included. */
  readonly budget: { includes: number };
  /** Files being included, outermost first. */
  readonly including: readonly string[];
  /** Documents of the files read so far: a file that many services extend is read once. */
  readonly cache: Map<string, readonly Tree[]>;
  readonly signal: AbortSignal | undefined;
}
