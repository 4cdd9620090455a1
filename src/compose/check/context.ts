// What the checks across elements are handed.
import type { Problems } from '../problems.ts';
import type { Origin } from '../source.ts';
import type { MapTree, Tree } from '../tree.ts';

/** A model whose profiles are applied. */
export interface CheckContext {
  readonly problems: Problems;
  /** The whole model; `services` are the enabled ones. */
  readonly model: Tree;
  /** The name of the service at hand. */
  readonly key?: Origin;
  /** Parts of the files are not valid: what is missing may only be mistyped. */
  readonly partial?: boolean;
  /** Names of services that are switched off by profile. */
  readonly disabled: ReadonlyMap<string, Tree>;
}

/** One rule, for one service. */
export type ServiceCheck = (service: MapTree, name: string, context: CheckContext) => void;
