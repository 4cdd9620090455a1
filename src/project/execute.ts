// Runs a plan against an engine and tells of it. What a failed `up` made is taken back, what was there stays.
import { isGantryError } from '../base/error.ts';
import type { RegistryAuth } from '../client/build.ts';
import type { Docker } from '../client/docker.ts';
import { EventHub } from './event-hub.ts';
import { failureOf } from './failure.ts';
import { perform } from './perform.ts';
import type { Operation, Plan } from './plan.ts';
import { subjectOf, wordsOf, type ProgressSink } from './progress.ts';
import { rollback } from './rollback.ts';
import { runGraph, type GraphOutcome } from './run-graph.ts';

/** How to run a plan. */
export interface ExecuteOptions {
  readonly docker: Docker;
  readonly progress: ProgressSink;
  /** How many calls at a time. */
  readonly parallel: number;
  readonly signal?: AbortSignal | undefined;
  /** Take back what was made when a call fails. Default false. */
  readonly undo?: boolean;
  /** Credentials for the registry of an image; needed by pulls. */
  readonly auth?: ((image: string) => Promise<RegistryAuth | undefined>) | undefined;
  /** Credentials for all registries there are any for; needed by builds. */
  readonly auths?: (() => Promise<Readonly<Record<string, RegistryAuth>>>) | undefined;
  /** An open hub to use; else one is made when a wait needs it. */
  readonly hub?: EventHub;
}

/** Runs the plan; throws project/operation-failed or project/dependency-failed with the root cause first. */
export async function execute(plan: Plan, options: ExecuteOptions): Promise<void> {
  for (const { id, text, warning } of plan.notices)
    options.progress({ id, text, state: warning === true ? 'warning' : 'done' });
  if (plan.operations.length === 0) return;
  const hub = options.hub ?? new EventHub(options.docker, plan.project);
  try {
    const outcome = await runOperations(plan, { ...options, hub });
    await settle(outcome, options);
  } finally {
    if (options.hub === undefined) await hub.close();
  }
}

async function runOperations(
  plan: Plan,
  options: ExecuteOptions & { readonly hub: EventHub },
): Promise<GraphOutcome<Operation>> {
  return await runGraph(plan.operations, {
    limit: options.parallel,
    signal: options.signal,
    isWait: (operation) => operation.action.kind === 'wait',
    run: async (operation, signal) => await runOperation(operation, { ...options, signal }),
  });
}

async function runOperation(
  operation: Operation,
  options: ExecuteOptions & { readonly hub: EventHub; readonly signal: AbortSignal },
): Promise<void> {
  const id = subjectOf(operation);
  const { working, done } = wordsOf(operation);
  if (working !== undefined) options.progress({ id, text: working, state: 'working' });
  try {
    const onTransfer = (text: string): void =>
      options.progress({ id, text: `${working ?? ''} ${text}`, state: 'working', passing: true });
    const remark = await perform({ ...options, onTransfer }, operation.action);
    if (remark !== undefined) options.progress({ id, text: remark, state: 'warning' });
    else if (done !== undefined) options.progress({ id, text: done, state: 'done' });
  } catch (error) {
    // a wait that was cut short is no failure of its own
    if (isGantryError(error, 'base/aborted')) options.progress({ id, text: 'Canceled', state: 'warning' });
    else options.progress({ id, text: 'Error', state: 'error' });
    throw error;
  }
}

async function settle(outcome: GraphOutcome<Operation>, options: ExecuteOptions): Promise<void> {
  const failure = await failureOf(outcome, options);
  if (failure === undefined) return;
  // a container that ran and did not become what it should is kept to be looked at, and so is what Ctrl-C left
  if (options.undo === true && failure.code === 'project/operation-failed') await rollback(outcome, options);
  throw failure;
}
