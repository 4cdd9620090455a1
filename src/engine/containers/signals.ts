// Signals by number or name, with or without SIG.
import { constants } from 'node:os';
import { GantryError } from '../../base/error.ts';

const RT_MIN = 34;
const RT_MAX = 64;

/** The number of a signal. Throws engine/bad-parameter `invalid signal: x`. */
export function parseSignal(text: string): number {
  const number = /^\d+$/.test(text) ? Number(text) : byName(text.toUpperCase().replace(/^SIG/, ''));
  if (number === undefined || number < 1 || number > RT_MAX)
    throw new GantryError('engine/bad-parameter', `invalid signal: ${text}`);
  return number;
}

export const SIGKILL = constants.signals.SIGKILL;
export const SIGTERM = constants.signals.SIGTERM;

function byName(name: string): number | undefined {
  const real = /^RT(MIN|MAX)(?:([+-])(\d+))?$/.exec(name);
  if (real !== null) return (real[1] === 'MIN' ? RT_MIN : RT_MAX) + Number(`${real[2] ?? ''}${real[3] ?? 0}`);
  return (constants.signals as Readonly<Record<string, number>>)[`SIG${name}`];
}
