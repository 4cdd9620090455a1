// Asks a socket whether an engine answers there and which version it has. By hand, since loading node:http costs more
// than the question.
import { connect } from 'node:net';
import { GantryError } from '../base/error.ts';

/** What a socket said. */
export type EngineProbe =
  | { readonly state: 'answers'; readonly version: string }
  /** Nobody listens. */
  | { readonly state: 'absent' }
  /** There is an engine, but this user may not use it. */
  | { readonly state: 'denied' };

/** Cap on the head of the answer. */
const MAX_HEAD = 16 * 1024;
const ABSENT = new Set(['ENOENT', 'ECONNREFUSED', 'ENOTDIR', 'ECONNRESET', 'EPIPE']);

/** How long an engine may be silent, in ms; one that is busy answers late, one that hangs never does. */
const PATIENCE = 15_000;

/**
 * Sends one request without a body and reads the version from the answer's head. Throws engine/unavailable when somebody
 * listens but does not answer.
 */
export async function probeEngine(socket: string, request = 'GET /_ping', patience = PATIENCE): Promise<EngineProbe> {
  const { promise, resolve, reject } = Promise.withResolvers<EngineProbe>();
  const peer = connect(socket);
  let head = '';
  peer.setEncoding('latin1');
  peer.once('connect', () =>
    peer.write(`${request} HTTP/1.1\r\nHost: gantry\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`),
  );
  peer.on('data', (chunk: string) => {
    head += chunk;
    if (head.includes('\r\n\r\n') || head.length > MAX_HEAD) resolve({ state: 'answers', version: versionOf(head) });
  });
  peer.setTimeout(patience, () => reject(silent(socket, patience)));
  peer.once('end', () => resolve({ state: 'absent' }));
  peer.once('error', (error: NodeJS.ErrnoException) => {
    if (ABSENT.has(error.code ?? '')) resolve({ state: 'absent' });
    else if (error.code === 'EACCES' || error.code === 'EPERM') resolve({ state: 'denied' });
    else reject(error);
  });
  try {
    return await promise;
  } finally {
    peer.destroy();
  }
}

function silent(socket: string, patience: number): GantryError {
  return new GantryError('engine/unavailable', `the engine at ${socket} has not answered for ${patience / 1000} s`, {
    hint: 'end its process, the next command starts it again; containers go on running meanwhile',
  });
}

/** True when the engine is of an older version than `own`, and is to be replaced. */
export function isOlder(version: string, own: string): boolean {
  const [theirs, ours] = [version, own].map((text) => text.split('.').map(Number));
  for (const index of [0, 1, 2]) {
    const difference = (theirs?.[index] ?? 0) - (ours?.[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function versionOf(head: string): string {
  return /^server: docker\/(\d+\.\d+\.\d+)/im.exec(head)?.[1] ?? '0.0.0';
}
