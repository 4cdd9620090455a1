// What people see while a plan runs, as typed events; drawing them is the command line's. Words are docker compose's.
import type { Action, Operation } from './plan.ts';

/** One change of one thing. */
export interface ProgressEvent {
  /** `Container p-db-1`, `Network p_default`; "" for the project as a whole. */
  readonly id: string;
  /** `Creating`, `Started` … */
  readonly text: string;
  readonly state: 'working' | 'done' | 'warning' | 'error';
  /** A line it wrote, for views that add line to line; the others show `text`. `from` is the service. */
  readonly output?: { readonly from: string; readonly line: string };
  /** Soon out of date: only for drawings that put the next one in its place. */
  readonly passing?: boolean;
}

/** Takes events as they come; must not throw. */
export type ProgressSink = (event: ProgressEvent) => void;

interface Words {
  readonly working?: string;
  readonly done?: string;
}

/** What an operation shows when it begins and when it is done. */
export function wordsOf(operation: Operation): Words {
  const { action } = operation;
  if (action.kind === 'create' && action.replaces !== undefined) return { working: 'Recreate' };
  // stop and remove of the old one are part of "Recreate"
  if (operation.shownAs !== undefined) return action.kind === 'rename' ? { done: 'Recreated' } : {};
  return action.kind === 'wait' ? WAIT_WORDS[action.condition] : WORDS[action.kind];
}

/** The thing an operation shows. */
export function subjectOf(operation: Operation): string {
  const { action } = operation;
  switch (action.kind) {
    case 'create-network':
    case 'remove-network':
      return `Network ${action.name}`;
    case 'create-volume':
      return `Volume "${action.name}"`;
    case 'remove-volume':
      return `Volume ${action.name}`;
    case 'remove-image':
    case 'build':
      return `Image ${action.name}`;
    case 'pull':
      return `Image ${action.image}`;
    default:
      return `Container ${operation.shownAs ?? action.container}`;
  }
}

const WORDS: Readonly<Record<Exclude<Action['kind'], 'wait'>, Words>> = {
  'create-network': { working: 'Creating', done: 'Created' },
  'remove-network': { working: 'Removing', done: 'Removed' },
  'create-volume': { working: 'Creating', done: 'Created' },
  'remove-volume': { working: 'Removing', done: 'Removed' },
  'remove-image': { working: 'Removing', done: 'Removed' },
  build: { working: 'Building', done: 'Built' },
  pull: { working: 'Pulling', done: 'Pulled' },
  create: { working: 'Creating', done: 'Created' },
  connect: {},
  start: { working: 'Starting', done: 'Started' },
  restart: { working: 'Restarting', done: 'Started' },
  kill: { working: 'Killing', done: 'Killed' },
  pause: { done: 'Paused' },
  unpause: { done: 'Unpaused' },
  stop: { working: 'Stopping', done: 'Stopped' },
  remove: { working: 'Removing', done: 'Removed' },
  rename: { done: 'Renamed' },
};

const WAIT_WORDS = {
  healthy: { working: 'Waiting', done: 'Healthy' },
  completed: { working: 'Waiting', done: 'Exited' },
  ready: { working: 'Waiting', done: 'Healthy' },
} as const;
