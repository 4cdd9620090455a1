// The engine's two root folders and the API socket in one of them: owners and modes, and nothing inside.
import { chmodSync, chownSync, readFileSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { GantryError, messageOf } from '../base/error.ts';
import { makeFolder } from '../base/make-folder.ts';
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
  makeRoot(paths.data, 'GANTRY_DATA');
  makeRoot(paths.run, 'GANTRY_RUN');
  chmodSync(paths.data, 0o700);
  const gid = groupId(readFileSync('/etc/group', 'utf8'), GROUP);
  chownSync(paths.run, 0, gid ?? 0);
  chmodSync(paths.run, gid === undefined ? 0o700 : 0o710);
}

function makeRoot(path: string, variable: string): void {
  try {
    makeFolder(path, 0o700);
  } catch (cause) {
    throw new GantryError('engine/unsupported-host', `cannot make the folder ${path}: ${messageOf(cause)}`, {
      hint: `choose another one with ${variable}`,
      cause,
    });
  }
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
