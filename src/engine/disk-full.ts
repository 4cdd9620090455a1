// A full disk in words a person can act on, wherever a system call met it.
import { GantryError } from '../base/error.ts';

const FULL = new Set<unknown>(['ENOSPC', 'EDQUOT']);

/** The failure as it is told: engine/disk-full in place of a bare ENOSPC or EDQUOT, anything else as it came. */
export function tellDiskFull(error: unknown): unknown {
  if (error instanceof GantryError || !(error instanceof Error)) return error;
  if (!('code' in error) || !FULL.has(error.code)) return error;
  return new GantryError('engine/disk-full', 'no space left on the disk that holds the data of the engine', {
    hint: 'remove images, containers or volumes that are not needed, then try again',
    cause: error,
  });
}
