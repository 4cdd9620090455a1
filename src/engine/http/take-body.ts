// Reads exactly the body of a request from a raw connection and puts back what follows it: the client's first stdin bytes.
import type { Socket } from 'node:net';
import { GantryError } from '../../base/error.ts';
import { receive } from './receive.ts';

/** Largest body of a request that is taken over, in bytes, as it stands on the wire. */
const MAX_BODY = 1024 * 1024;

/** A body and the number of bytes it took on the wire. */
interface Taken {
  readonly body: Buffer;
  readonly used: number;
}

/** The body of the given length; `rest` is what came behind the head. Leaves the socket paused at the first byte after it. */
export async function takeBody(socket: Socket, rest: Buffer, length: number | 'chunked'): Promise<Buffer> {
  if (length !== 'chunked' && length > MAX_BODY) throw tooLarge();
  const take = length === 'chunked' ? decodeChunks : (bytes: Buffer) => exactly(bytes, length);
  const found = take(rest);
  if (found !== undefined) {
    if (found.used < rest.length) socket.unshift(rest.subarray(found.used));
    return found.body;
  }
  return (await receive(socket, { first: rest, max: MAX_BODY, tooLarge, take: (bytes) => take(bytes) })).body;
}

function exactly(bytes: Buffer, length: number): Taken | undefined {
  return bytes.length < length ? undefined : { body: bytes.subarray(0, length), used: length };
}

/** Decodes a chunked body; undefined while it is not complete. Trailers are read and dropped. */
function decodeChunks(bytes: Buffer): Taken | undefined {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = chunkSize(bytes.toString('latin1', at, lineEnd));
    at = lineEnd + 2;
    if (size === 0) return lastChunk(bytes, at, parts);
    if (bytes.length < at + size + 2) return undefined;
    parts.push(bytes.subarray(at, at + size));
    at += size + 2;
    if (bytes[at - 2] !== 13 || bytes[at - 1] !== 10) throw malformed();
  }
}

function chunkSize(line: string): number {
  const found = /^([0-9a-fA-F]{1,6})(;.*)?$/.exec(line);
  if (!found) throw malformed();
  return parseInt(found[1] ?? '', 16);
}

function lastChunk(bytes: Buffer, start: number, parts: Buffer[]): Taken | undefined {
  let at = start;
  for (;;) {
    const end = bytes.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const isEmpty = end === at;
    at = end + 2;
    if (isEmpty) return { body: Buffer.concat(parts), used: at };
  }
}

function malformed(): GantryError {
  return new GantryError('engine/bad-parameter', 'malformed HTTP request: bad chunk');
}

function tooLarge(): GantryError {
  return new GantryError('engine/bad-parameter', `the request body is larger than ${MAX_BODY} bytes`);
}
