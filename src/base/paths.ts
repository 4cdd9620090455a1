// Where an engine keeps its things. Two engines with different roots never share a path, bridge, chain or cgroup.
import { join } from 'node:path';
import type { Env } from './env.ts';

/** The folders and names that belong to one engine. */
export interface EnginePaths {
  /** Persistent data: database, blobs, layers, containers, volumes. Default /var/lib/gantry. */
  readonly data: string;
  /** Sockets and records that do not survive a boot. Default /run/gantry, mode 0700. */
  readonly run: string;
  /** The Docker-compatible API socket, `<run>/gantry.sock`. */
  readonly socket: string;
  /** "" for the default engine, else 6 hex digits made from `data`: part of every bridge, chain and cgroup name. */
  readonly tag: string;
}

const DEFAULT_DATA = '/var/lib/gantry';
const DEFAULT_RUN = '/run/gantry';

/** The paths chosen by GANTRY_DATA and GANTRY_RUN. */
export function enginePaths(env: Env): EnginePaths {
  const data = env['GANTRY_DATA'] ?? DEFAULT_DATA;
  const run = env['GANTRY_RUN'] ?? DEFAULT_RUN;
  const tag = data === DEFAULT_DATA ? '' : shortHash(data);
  return { data, run, socket: join(run, 'gantry.sock'), tag };
}

/** FNV-1a, 24 bits of it: names only have to differ between engines, and node:crypto takes longer to load than all of this. */
function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return (hash >>> 8).toString(16).padStart(6, '0');
}
