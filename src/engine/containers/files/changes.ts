// What a container changed in its image, for GET /containers/{id}/changes.
import { nativeProgram } from '../../../base/native.ts';
import { GantryError } from '../../../base/error.ts';
import { outcome, startFs } from '../../fs-job.ts';
import type { Container } from '../container.ts';
import type { Containers } from '../context.ts';
import { changesArgs } from './container-root.ts';

/** One change: 0 modified, 1 added, 2 deleted. */
export interface Change {
  readonly Path: string;
  readonly Kind: 0 | 1 | 2;
}

const KINDS: Readonly<Record<string, Change['Kind']>> = { C: 0, A: 1, D: 2 };

/** The list, in the order of paths; null when nothing changed, as Docker says it. */
export async function containerChanges(
  containers: Containers,
  container: Container,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly Change[] | null> {
  const answer = await outcome(
    startFs(nativeProgram('gantry-fs'), ['changes', ...changesArgs(containers, container)], { signal }),
  );
  if (!Buffer.isBuffer(answer)) {
    throw new GantryError('engine/internal', `cannot compare: ${answer.step} (${answer.path}): ${answer.errno}`);
  }
  const list = answer.toString('utf8').split('\0').filter(Boolean);
  return list.length === 0 ? null : list.map((line) => ({ Path: line.slice(2), Kind: KINDS[line.charAt(0)] ?? 0 }));
}
