// Removes paths in a container by running `rm` in it: what any engine can do.
import type { Docker } from '../client/docker.ts';
import { GantryError } from '../base/error.ts';
import { runInContainer } from './run-in-container.ts';

/** Paths that one command line takes. */
const AT_ONCE = 500;

/** Removes absolute paths, folders with all that is in them. What is not there is no error. */
export async function removePaths(
  docker: Docker,
  id: string,
  { paths, signal }: { readonly paths: readonly string[]; readonly signal: AbortSignal },
): Promise<void> {
  for (let from = 0; from < paths.length; from += AT_ONCE) {
    const command = ['rm', '-rf', '--', ...paths.slice(from, from + AT_ONCE)];
    const chunks: Buffer[] = [];
    const output = (_stream: 'stdout' | 'stderr', bytes: Buffer): void => void chunks.push(bytes);
    const code = await runInContainer(docker, id, { body: { Cmd: command, User: '0:0' }, output, signal });
    if (code === 0) continue;
    const words = Buffer.concat(chunks).toString().trim();
    throw new GantryError('project/operation-failed', `cannot delete in the container: ${words}`);
  }
}
