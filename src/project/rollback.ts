// Takes back what a failed run made: containers, then networks and volumes. What it only started or stopped stays.
import type { Docker } from '../client/docker.ts';
import { messageOf } from '../base/error.ts';
import { perform } from './perform.ts';
import { EventHub } from './event-hub.ts';
import type { Action, Operation } from './plan.ts';
import type { ProgressSink } from './progress.ts';
import type { GraphOutcome } from './run-graph.ts';

/** What rollback needs. */
export interface RollbackOptions {
  readonly docker: Docker;
  readonly progress: ProgressSink;
}

/** Removes what the done operations made; a removal that fails is said and does not stop the others. */
export async function rollback(outcome: GraphOutcome<Operation>, options: RollbackOptions): Promise<void> {
  const renamed = new Set(outcome.done.map(({ action }) => (action.kind === 'rename' ? action.container : '')));
  const made = outcome.done.filter(({ action }) => action.kind !== 'create' || !renamed.has(action.container));
  for (const kind of ['create', 'create-network', 'create-volume'] as const) {
    const inverses = made.filter(({ action }) => action.kind === kind).map(({ action }) => inverse(action));
    await Promise.all(
      inverses.filter((action) => action !== undefined).map(async (action) => await undo(action, options)),
    );
  }
}

function inverse(action: Action): Action | undefined {
  switch (action.kind) {
    case 'create':
      return { kind: 'remove', container: action.container, volumes: true, force: true };
    case 'create-network':
      return { kind: 'remove-network', name: action.name, id: action.name };
    case 'create-volume':
      return { kind: 'remove-volume', name: action.name };
    default:
      return undefined;
  }
}

async function undo(action: Action, options: RollbackOptions): Promise<void> {
  const id =
    'container' in action
      ? `Container ${action.container}`
      : 'name' in action
        ? `${NAMES[action.kind] ?? ''} ${action.name}`
        : '';
  const hub = new EventHub(options.docker, '');
  try {
    await perform({ ...options, hub, signal: new AbortController().signal }, action);
    options.progress({ id, text: 'Removed again', state: 'done' });
  } catch (error) {
    options.progress({ id, text: `could not be removed again: ${messageOf(error)}`, state: 'warning' });
  }
}

const NAMES: Readonly<Record<string, string>> = { 'remove-network': 'Network', 'remove-volume': 'Volume' };
