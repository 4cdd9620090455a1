// Says which process of the host has a port, for the hint of an error. Best effort: what can't be read is passed over.
import { readFile, readdir, readlink } from 'node:fs/promises';
import { basename } from 'node:path';
import type { GantryError } from '../../base/error.ts';
import { errnoName, failureOf } from '../shim/failure.ts';
import { takenError } from './port-table.ts';
import type { PortProtocol } from './types.ts';

/** A process that has a socket on a port. */
export interface PortHolder {
  readonly pid: number;
  readonly name: string;
}

/** The error for a port that can't be had; the path is `ip:port/proto`, as the failed step of a launch has it. */
export async function portTakenError(path: string): Promise<GantryError> {
  const match = /^\[?([0-9a-f.:]+?)\]?:(\d+)\/(tcp|udp)$/.exec(path);
  const [, hostIp = '0.0.0.0', port = '0', proto = 'tcp'] = match ?? [];
  const holder = await findPortHolder(Number(port), proto as PortProtocol);
  const hint =
    holder === undefined
      ? `see who has it: ss -lp 'sport = :${port}'`
      : `process ${holder.name} (pid ${holder.pid}) has port ${port}: stop it, or publish another port`;
  return takenError(hostIp, port, hint);
}

/** An error of a start in Docker's words, with the holder in its hint, when a published port was taken by another
 * process; any other error as it is. */
export async function explainTakenPort(error: unknown): Promise<unknown> {
  const failure = failureOf(error);
  if (failure?.step !== 'listen' || errnoName(failure.errno) !== 'EADDRINUSE') return error;
  return await portTakenError(failure.path);
}

/** The first process found with a bound socket on the port. */
export async function findPortHolder(port: number, proto: PortProtocol): Promise<PortHolder | undefined> {
  const tables = await Promise.all([`/proc/net/${proto}`, `/proc/net/${proto}6`].map(readOr));
  const inodes = new Set(tables.flatMap((text) => socketInodes(text, port)));
  if (inodes.size === 0) return undefined;
  for (const pid of await list('/proc')) {
    if (/^\d+$/.test(pid) && (await hasSocket(pid, inodes))) {
      return { pid: Number(pid), name: await programName(pid) };
    }
  }
  return undefined;
}

/** Inodes of listening (TCP) or bound (UDP) sockets on the port in a table of /proc/net. */
export function socketInodes(text: string, port: number): readonly string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => local.endsWith(suffix) && (state === '0A' || state === '07'))
    .flatMap((fields) => (fields[9] === undefined || fields[9] === '0' ? [] : [fields[9]]));
}

/** The program's file name; `comm` can be set by the program itself, and is a thread's name with Node. */
async function programName(pid: string): Promise<string> {
  const path = await readlink(`/proc/${pid}/exe`).catch(() => '');
  return path === '' ? (await readOr(`/proc/${pid}/comm`)).trim() : basename(path.replace(/ \(deleted\)$/, ''));
}

async function hasSocket(pid: string, inodes: ReadonlySet<string>): Promise<boolean> {
  for (const fd of await list(`/proc/${pid}/fd`)) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    if (inode !== undefined && inodes.has(inode)) return true;
  }
  return false;
}

async function list(path: string): Promise<readonly string[]> {
  return await readdir(path).catch(() => []);
}

async function readOr(path: string): Promise<string> {
  return await readFile(path, 'utf8').catch(() => '');
}
