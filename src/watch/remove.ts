// Removes paths in a container: by gantry's own route, which needs no program of the image, or where another engine
// serves by running `rm`.
import type { Docker } from '../client/docker.ts';
import { GantryError } from '../base/error.ts';
import { runInContainer } from './run-in-container.ts';

/** What to remove. */
export interface Removal {
  /** Absolute paths in the container. */
  readonly paths: readonly string[];
  readonly signal: AbortSignal;
}

/** Paths that one call takes. */
const AT_ONCE = 500;

/** Engines that have no such route. */
const without = new WeakSet<Docker>();

/** Removes paths, folders with all that is in them. What is not there is no error. */
export async function removePaths(docker: Docker, id: string, { paths, signal }: Removal): Promise<void> {
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const some = { paths: paths.slice(from, from + AT_ONCE), signal };
    if (!(await removeByRoute(docker, id, some))) await removeByCommand(docker, id, some);
  }
}

/** False when the engine has no such route. */
async function removeByRoute(docker: Docker, id: string, { paths, signal }: Removal): Promise<boolean> {
  if (without.has(docker)) return false;
  if (await docker.getContainer(id).deletePaths({ paths, abortSignal: signal })) return true;
  without.add(docker);
  return false;
}

async function removeByCommand(docker: Docker, id: string, { paths, signal }: Removal): Promise<void> {
  const chunks: Buffer[] = [];
  const output = (_stream: 'stdout' | 'stderr', bytes: Buffer): void => void chunks.push(bytes);
  const body = { Cmd: ['rm', '-rf', '--', ...paths], User: '0:0' };
  const code = await runInContainer(docker, id, { body, output, signal });
  if (code === 0) return;
  const words = Buffer.concat(chunks).toString().trim();
  throw new GantryError('project/operation-failed', `cannot delete in the container: ${words}`, {
    hint: 'this engine needs the command rm in the image',
  });
}
