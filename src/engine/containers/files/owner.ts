// Who owns what is put with copyUIDGID: the user the container runs as, looked up in the container's own files.
import { parseStat } from './path-stat.ts';
import { readRoot } from './container-root.ts';
import type { PathRequest } from './archive.ts';
import { outcome } from '../../fs-job.ts';
import { GantryError } from '../../../base/error.ts';

const MAX_ID = 2 ** 31 - 1;
/** Cap on /etc/passwd and /etc/group, as at start. */
const MAX_FILE = 1024 * 1024;
const BLOCK = 512;

/** `UID:GID`; "" when the container has no user, and the archive's own owners count. Throws engine/bad-parameter. */
export async function ownerOfUser(request: Omit<PathRequest, 'path'>): Promise<string> {
  const [user = '', group = ''] = (request.container.record.config.User ?? '').split(':');
  if (user === '') return '';
  const row = isNumber(user) ? undefined : (await rows(request, '/etc/passwd')).find(([name]) => name === user);
  const uid = row?.[2] ?? user;
  const gid = group === '' ? (row?.[3] ?? '0') : await groupNumber(request, group);
  if (!isId(uid) || !isId(gid)) throw new GantryError('engine/bad-parameter', `unable to find user ${user}`);
  return `${uid}:${gid}`;
}

async function groupNumber(request: Omit<PathRequest, 'path'>, group: string): Promise<string> {
  if (isNumber(group)) return group;
  return (await rows(request, '/etc/group')).find(([name]) => name === group)?.[2] ?? '';
}

/** The fields of each line; no lines when there is no such file. */
async function rows(request: Omit<PathRequest, 'path'>, path: string): Promise<readonly (readonly string[])[]> {
  const { containers, container, signal } = request;
  const answer = await readRoot(containers, container, async (start) => {
    const stat = await outcome(start('stat', ['--path', path, '--follow'], { signal }));
    if (!Buffer.isBuffer(stat) || parseStat(stat.toString('utf8').replace(/\0$/, '')).size > MAX_FILE) return stat;
    return await outcome(start('get', ['--path', path, '--follow', '--name', 'f'], { signal }));
  });
  if (!Buffer.isBuffer(answer) || answer.length < 2 * BLOCK) return [];
  const tar = answer.subarray(answer.indexOf(0) + 1);
  const size = parseInt(tar.toString('latin1', 124, 135), 8);
  const text = tar.toString('utf8', BLOCK, BLOCK + Math.min(size, MAX_FILE));
  return text.split('\n').map((line) => line.split(':'));
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

function isId(text: string): boolean {
  return isNumber(text) && Number(text) <= MAX_ID;
}
