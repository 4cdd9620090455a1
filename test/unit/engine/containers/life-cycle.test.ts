import { expect, test } from 'vitest';
import type { ContainerStatus } from '../../../../src/api/containers.ts';
import { mayDo, mustDo, type Command } from '../../../../src/engine/containers/life-cycle.ts';
import { sampleRecord } from './samples.ts';

const STATES: readonly ContainerStatus[] = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];

/** y = go ahead, . = nothing to do, else the HTTP status of the refusal. One letter or number a state, in the order above. */
const EXPECTED: Readonly<Record<Command, string>> = {
  start: 'y . 409 . 409 y 409',
  autoRestart: '. . . y . . .',
  stop: '. y y y . . .',
  restart: 'y y y y 409 y 409',
  kill: '409 y y 409 409 409 409',
  pause: '409 y 409 409 409 409 409',
  unpause: '500 500 y 500 500 500 500',
  remove: 'y 409 409 409 409 y y',
  exec: '409 y 409 409 409 409 409',
  attach: 'y y 409 409 y y y',
  resize: '409 y y 409 409 409 409',
  top: '409 y y 409 409 409 409',
};

function outcome(command: Command, status: ContainerStatus): string {
  try {
    return mayDo(command, sampleRecord({ state: { status } })) ? 'y' : '.';
  } catch (error) {
    return String((error as { status: number }).status);
  }
}

test.each(Object.entries(EXPECTED) as [Command, string][])('%s in every state', (command, expected) => {
  expect(STATES.map((status) => outcome(command, status)).join(' ')).toBe(expected);
});

test('nothing to do is 304 for a client', () => {
  expect(() => mustDo('start', sampleRecord({ state: { status: 'running' } }))).toThrow(
    expect.objectContaining({ status: 304 }) as Error,
  );
});

test('refusals say what Docker says', () => {
  const refused = (command: Command, status: ContainerStatus): string => {
    try {
      mayDo(command, sampleRecord({ state: { status } }));
    } catch (error) {
      return (error as Error).message;
    }
    return '';
  };
  const { id, name } = sampleRecord();
  expect(refused('exec', 'exited')).toBe(`container ${id} is not running`);
  expect(refused('exec', 'paused')).toBe(`Container ${id} is paused, unpause the container before exec`);
  expect(refused('kill', 'exited')).toBe(`cannot kill container: ${name}: container ${id} is not running`);
  expect(refused('remove', 'running')).toContain(
    `You cannot remove a running container ${id}. Stop the container before attempting removal or force remove`,
  );
  expect(refused('remove', 'removing')).toBe(`removal of container ${id} is already in progress`);
  expect(refused('unpause', 'running')).toBe(`Container ${id} is not paused`);
});
