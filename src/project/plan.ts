// A plan: operations and what each needs first. Plain data; made by reconcile, shown by explain, run by execute.
import type { CreateContainerBody, EndpointConfig } from '../api/containers.ts';
import type { CreateNetworkBody, CreateVolumeBody } from '../api/objects.ts';
import type { BuildWork } from './build/work.ts';
import type { InjectedFile } from './desired/injected-files.ts';

/** One API call, or one wait for what the engine tells. Containers are named, so a plan needs no answer of a call. */
export type Action =
  | { readonly kind: 'create-network'; readonly name: string; readonly body: CreateNetworkBody }
  | { readonly kind: 'remove-network'; readonly name: string; readonly id: string }
  | { readonly kind: 'create-volume'; readonly name: string; readonly body: CreateVolumeBody }
  | { readonly kind: 'remove-volume'; readonly name: string }
  | CreateContainerAction
  | {
      readonly kind: 'connect';
      readonly container: string;
      readonly network: string;
      readonly endpoint: EndpointConfig;
    }
  | {
      readonly kind: 'start' | 'restart' | 'kill' | 'pause' | 'unpause' | 'stop';
      readonly container: string;
      readonly options: SignalOptions;
    }
  | { readonly kind: 'remove'; readonly container: string; readonly volumes: boolean; readonly force: boolean }
  | { readonly kind: 'rename'; readonly container: string; readonly to: string }
  | { readonly kind: 'remove-image'; readonly name: string }
  | { readonly kind: 'build'; readonly name: string; readonly work: BuildWork }
  | { readonly kind: 'pull'; readonly image: string; readonly platform: string | undefined }
  | WaitAction;

/** Creates a container under `container`; `replaces` is the id of the one it takes the place of. */
export interface CreateContainerAction {
  readonly kind: 'create';
  readonly container: string;
  readonly body: CreateContainerBody;
  readonly platform?: string | undefined;
  readonly replaces?: string;
  /** Put into it before anything else happens to it. */
  readonly files?: readonly InjectedFile[];
}

/** Waits until a container has reached a condition. */
export interface WaitAction {
  readonly kind: 'wait';
  readonly container: string;
  readonly condition: WaitCondition;
  /** False: a failure is a warning (`required: false`). */
  readonly required: boolean;
}

/** `ready` is healthy, or running where there is no health check, or ended with 0. */
export type WaitCondition = 'healthy' | 'completed' | 'ready';

/** For stop, restart (timeout, seconds) and kill (signal); absent: the container's own. */
export interface SignalOptions {
  readonly timeout?: number | undefined;
  readonly signal?: string | undefined;
}

/** One step of a plan. */
export interface Operation {
  /** Unique in the plan, readable: `start p-db-1`. */
  readonly id: string;
  readonly action: Action;
  /** Why it is there, for people. */
  readonly cause: string;
  /** Ids of the operations that must be done before. */
  readonly needs: readonly string[];
  /** The service it is for, "" when for none. */
  readonly service: string;
  /** What people see it happen to, when that is not the action's own target (a replacement under a temporary name). */
  readonly shownAs?: string;
}

/** Something to say that no operation does. */
export interface Notice {
  readonly id: string;
  readonly text: string;
  readonly warning?: boolean;
}

/** Operations in an order in which each comes after what it needs. */
export interface Plan {
  readonly project: string;
  readonly operations: readonly Operation[];
  readonly notices: readonly Notice[];
}

/** Collects operations; two with one id are one, whose needs are joined. */
export class PlanBuilder {
  readonly #operations = new Map<string, Operation>();
  readonly #notices: Notice[] = [];

  add(operation: Operation): string {
    const known = this.#operations.get(operation.id);
    const needs = known === undefined ? operation.needs : [...known.needs, ...operation.needs];
    this.#operations.set(operation.id, { ...(known ?? operation), needs: [...new Set(needs)] });
    return operation.id;
  }

  /** Makes a known operation also need others. */
  need(id: string, needs: readonly string[]): void {
    const known = this.#operations.get(id);
    if (known !== undefined) this.#operations.set(id, { ...known, needs: [...new Set([...known.needs, ...needs])] });
  }

  has(id: string): boolean {
    return this.#operations.has(id);
  }

  notice(notice: Notice): void {
    this.#notices.push(notice);
  }

  /** The plan; needs that name no operation hold already and are dropped. */
  build(project: string): Plan {
    const operations = [...this.#operations.values()].map((operation) => ({
      ...operation,
      needs: operation.needs.filter((id) => this.#operations.has(id)),
    }));
    return { project, operations: inOrder(operations), notices: this.#notices };
  }
}

/** Sorts operations behind their needs, else as they came; throws a plain Error on a cycle, which is a mistake here. */
export function inOrder(operations: readonly Operation[]): readonly Operation[] {
  const open = new Map(operations.map((operation) => [operation.id, operation.needs.length]));
  const dependents = Map.groupBy(
    operations.flatMap((operation) => operation.needs.map((id) => ({ id, operation }))),
    (edge) => edge.id,
  );
  const ordered = operations.filter((operation) => operation.needs.length === 0);
  for (const done of ordered) {
    for (const { operation } of dependents.get(done.id) ?? []) {
      const left = (open.get(operation.id) ?? 0) - 1;
      open.set(operation.id, left);
      if (left === 0) ordered.push(operation);
    }
  }
  if (ordered.length !== operations.length) throw new Error('the plan has a cycle');
  return ordered;
}
