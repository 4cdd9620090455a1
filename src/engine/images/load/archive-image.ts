// What an image archive says, whatever its form: images, each with a configuration and layers by their names in it.
import { GantryError } from '../../../base/error.ts';
import { checkShape, type Shape } from '../../http/shape.ts';
import type { ImageReference } from '../reference.ts';
import type { Spool } from './spool.ts';

/** An image of an archive. */
export interface ArchiveImage {
  readonly configText: string;
  /** Names of the layers' files, lowest first: as many as the configuration has diff ids. */
  readonly layers: readonly string[];
  readonly refs: readonly ImageReference[];
}

/** Reads a JSON file of an archive and checks its shape. Throws engine/bad-parameter. */
export async function readJsonFile(spool: Spool, name: string, shape: Shape): Promise<unknown> {
  const text = await spool.text(name);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GantryError('engine/bad-parameter', `invalid ${name}: not JSON`, { cause });
  }
  checkShape(value, shape, name);
  return value;
}

/** A blob whose digest is right. Throws engine/bad-parameter for one that is missing or damaged. */
export function checkBlob(spool: Spool, name: string, digest: string): void {
  const found = spool.file(name).digest;
  if (found === digest) return;
  throw new GantryError('engine/bad-parameter', `${name} is damaged: its digest is ${found}, expected ${digest}`);
}
