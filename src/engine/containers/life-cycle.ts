// The life cycle as a table: what each command may do in each state. The one place that refuses a command for its state.
import type { ContainerStatus } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import type { ContainerRecord } from './record.ts';

/** What can be asked of a container. */
export type Command =
  | 'start'
  | 'stop'
  | 'restart'
  | 'kill'
  | 'pause'
  | 'unpause'
  | 'remove'
  | 'exec'
  | 'attach'
  | 'resize'
  | 'top'
  | 'autoRestart';

/** go: do it. done: nothing to do (304). Else why not. */
type Cell = 'go' | 'done' | ((record: ContainerRecord) => GantryError);

const conflict = (text: (record: ContainerRecord) => string) => (record: ContainerRecord) =>
  new GantryError('engine/conflict', text(record));

const notRunning = conflict(({ id }) => `container ${id} is not running`);
const removing = conflict(({ id }) => `removal of container ${id} is already in progress`);
const markedForRemoval = conflict(() => 'container is marked for removal and cannot be started');
const isRestarting = conflict(({ id }) => `Container ${id} is restarting, wait until the container is running`);
const pausedFor = (what: string) =>
  conflict(({ id }) => `Container ${id} is paused, unpause the container before ${what}`);
const cannotKill = conflict(({ id, name }) => `cannot kill container: ${name}: container ${id} is not running`);
const alreadyPaused = conflict(({ id }) => `Container ${id} is already paused`);
const notPaused = ({ id }: ContainerRecord): GantryError =>
  new GantryError('engine/internal', `Container ${id} is not paused`);
const stopFirst = conflict(
  ({ id, name, state }) =>
    `cannot remove container "/${name}": You cannot remove a ${state.status} container ${id}. Stop the container before attempting removal or force remove`,
);
const unpauseFirst = conflict(() => 'cannot start a paused container, try unpause instead');

type Row = Readonly<Record<ContainerStatus, Cell>>;

const row = (base: Cell, special: Partial<Row> = {}): Row => ({
  ...{ created: base, running: base, paused: base, restarting: base },
  ...{ removing: base, exited: base, dead: base },
  ...special,
});

const TABLE: Readonly<Record<Command, Row>> = {
  start: row('go', {
    running: 'done',
    restarting: 'done',
    paused: unpauseFirst,
    removing: markedForRemoval,
    dead: markedForRemoval,
  }),
  autoRestart: row('done', { restarting: 'go' }),
  stop: row('done', { running: 'go', paused: 'go', restarting: 'go' }),
  restart: row('go', { removing: markedForRemoval, dead: markedForRemoval }),
  kill: row(cannotKill, { running: 'go', paused: 'go', restarting: isRestarting }),
  pause: row(notRunning, { running: 'go', paused: alreadyPaused, restarting: isRestarting }),
  unpause: row(notPaused, { paused: 'go' }),
  remove: row('go', { running: stopFirst, paused: stopFirst, restarting: stopFirst, removing }),
  exec: row(notRunning, { running: 'go', paused: pausedFor('exec'), restarting: isRestarting }),
  attach: row('go', { paused: pausedFor('attach'), restarting: isRestarting }),
  resize: row(notRunning, { running: 'go', paused: 'go' }),
  top: row(notRunning, { running: 'go', paused: 'go', restarting: isRestarting }),
};

/** True = go ahead, false = nothing to do; throws Docker's error for a command that the state forbids. */
export function mayDo(command: Command, record: ContainerRecord): boolean {
  const cell = TABLE[command][record.state.status];
  if (typeof cell === 'function') throw cell(record);
  return cell === 'go';
}

/** The same with 304 for nothing to do. */
export function mustDo(command: Command, record: ContainerRecord): void {
  if (!mayDo(command, record))
    throw new GantryError('engine/not-modified', `container ${record.id} is ${record.state.status} already`);
}
