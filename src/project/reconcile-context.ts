// What the steps of one reconcile share.
import type { Project } from '../compose/model/project.ts';
import type { Observed, ObservedContainer } from './observed.ts';
import type { Needs } from './order.ts';
import type { PlanBuilder } from './plan.ts';

/** How `up` is to go about it. */
export interface UpOptions {
  /** Services named on the command line; empty: all. Others are only there because these need them. */
  readonly named?: readonly string[];
  readonly forceRecreate?: boolean;
  readonly noRecreate?: boolean;
  readonly alwaysRecreateDeps?: boolean;
  /** `-V`: give up anonymous volumes of containers that are made again. */
  readonly renewAnonVolumes?: boolean;
  readonly removeOrphans?: boolean;
  /** Say nothing of orphans. */
  readonly ignoreOrphans?: boolean;
  /** Replicas by service, over the file's. */
  readonly scale?: Readonly<Record<string, number>>;
  /** Seconds to stop in; absent: the container's own. */
  readonly timeout?: number | undefined;
  readonly noStart?: boolean;
  /** Also wait until all are healthy or running. */
  readonly wait?: boolean;
}

/** A container as it will be. */
export interface Replica {
  readonly name: string;
  readonly number: number;
  /** Operations after which it exists under its name; empty when it does already. */
  readonly made: readonly string[];
  /** Made again: what depends on it with `restart` must follow. */
  readonly remade: boolean;
  /** What is there now; absent when it is new. */
  readonly container?: ObservedContainer;
}

/** State shared by the steps. */
export interface ReconcileContext {
  readonly plan: PlanBuilder;
  readonly project: Project;
  readonly observed: Observed;
  readonly options: UpOptions;
  readonly needs: Needs;
  /** Replicas of the services done so far. */
  readonly replicas: Map<string, readonly Replica[]>;
}
