// The engine's two root folders and the API socket in one of them: owners and modes, and nothing inside.
import { chmodSync, chownSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { GantryError } from '../base/error.ts';
import type { EnginePaths } from '../base/paths.ts';

/** Members of this group may use the API. */
const GROUP = 'gantry';

/** Longest path of a unix socket, less what the names of containers' sockets need beyond the API's. */
const MAX_SOCKET_PATH = 80;

/** Makes the data and run folders for root alone; the group may pass through the run folder to the socket. */
export function makeFolders(paths: EnginePaths): void {
  if (Buffer.byteLength(paths.socket) > MAX_SOCKET_PATH) {
    throw new GantryError('engine/unsupported-host', `the path of the run folder is too long: ${paths.run}`, {
      hint: `choose a shorter one with GANTRY_RUN: sockets have room for ${MAX_SOCKET_PATH} bytes`,
    });
  }
  mkdirSync(paths.data, { recursive: true, mode: 0o700 });
  mkdirSync(paths.run, { recursive: true, mode: 0o700 });
  chmodSync(paths.data, 0o700);
  const gid = groupId(readFileSync('/etc/group', 'utf8'), GROUP);
  chownSync(paths.run, 0, gid ?? 0);
  chmodSync(paths.run, gid === undefined ? 0o700 : 0o710);
}

/** Starts listening on the API socket, mode 0660, owned by root and the group. A dead socket is replaced: the caller holds the lock. */
export async function listenOn(server: Server, socket: string): Promise<void> {
  rmSync(socket, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    // the file is made by this call and with its mode, so that there is no moment in which it is open to others
    const before = process.umask(0o117);
    server.listen(socket, () => {
      server.off('error', reject);
      resolve();
    });
    process.umask(before);
  });
  chownSync(socket, 0, groupId(readFileSync('/etc/group', 'utf8'), GROUP) ?? 0);
}

/** The number of a group in /etc/group; undefined when there is none. */
export function groupId(etcGroup: string, name: string): number | undefined {
  const line = etcGroup.split('\n').find((entry) => entry.startsWith(`${name}:`));
  const gid = Number(line?.split(':')[2]);
  return Number.isInteger(gid) && line !== undefined ? gid : undefined;
}
