// The words of `docker ps` for a container's state: `Up 5 seconds`, `Exited (0) 3 minutes ago`.
import type { Health } from '../../api/containers.ts';
import type { ContainerRecord } from './record.ts';
import { milliseconds } from './time.ts';

/** The text at a time, ms since the epoch. */
export function statusText({ state }: ContainerRecord, at: number): string {
  const up = `Up ${humanDuration(at - milliseconds(state.startedAt))}`;
  const ago = `${humanDuration(at - milliseconds(state.finishedAt))} ago`;
  switch (state.status) {
    case 'running':
      return `${up}${healthWords(state.health)}`;
    case 'paused':
      return `${up} (Paused)`;
    case 'restarting':
      return `Restarting (${state.exitCode}) ${ago}`;
    case 'exited':
      return `Exited (${state.exitCode}) ${ago}`;
    case 'created':
      return 'Created';
    case 'removing':
      return 'Removal In Progress';
    case 'dead':
      return 'Dead';
  }
}

function healthWords(health: Health | undefined): string {
  if (health === undefined) return '';
  return health.Status === 'starting' ? ' (health: starting)' : ` (${health.Status})`;
}

/** Docker's rough words for a length of time. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(milliseconds / 3_600_000);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`;
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`;
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`;
  return `${Math.floor(hours / 24 / 365)} years`;
}
