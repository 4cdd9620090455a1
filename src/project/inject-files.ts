// Puts files into a container that was just created. Decides nothing.
import { buffer } from 'node:stream/consumers';
import type { Container } from '../client/container.ts';
import type { InjectedFile } from './desired/injected-files.ts';

/** Puts all of them at once. When that fails the container is removed: it must not start without them. */
export async function injectFiles(container: Container, files: readonly InjectedFile[]): Promise<void> {
  try {
    await container.putArchive(await archiveOf(files), { path: '/' });
  } catch (error) {
    await container.remove({ force: true, v: true });
    throw error;
  }
}

async function archiveOf(files: readonly InjectedFile[]): Promise<Buffer> {
  const { pack } = await import('tar-stream');
  const archive = pack();
  const mtime = new Date();
  for (const { target, content, ...owner } of files) archive.entry({ name: target, mtime, ...owner }, content());
  archive.finalize();
  return await buffer(archive);
}
