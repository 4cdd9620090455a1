// The last lines a container wrote, for error messages.
import type { Docker } from '../client/docker.ts';
import { createDemuxer } from '../client/demux.ts';

/** How much is quoted. */
const LINES = 10;
const BYTES = 2048;

/** At most the last 10 lines or 2 KiB; empty when the log can't be read, since it only illustrates another error. */
export async function lastLines(docker: Docker, container: string): Promise<readonly string[]> {
  const log = await docker
    .getContainer(container)
    .logs({ stdout: true, stderr: true, tail: LINES })
    .catch(() => Buffer.alloc(0));
  const parts: Buffer[] = [];
  createDemuxer((_stream, payload) => parts.push(payload))(log);
  const text = Buffer.concat(parts).subarray(-BYTES).toString();
  return text.split(/\r?\n/).filter((line) => line !== '');
}
