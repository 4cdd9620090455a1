// Reads the head of a request that is to be taken over: request line and headers, strictly, since what follows the body
// is the client's raw stream and a wrong length would put it into the wrong place.
import type { IncomingHttpHeaders } from 'node:http';
import { GantryError } from '../../base/error.ts';

/** A parsed head. */
export interface Head {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of body behind the head; `chunked` when the client sends it in chunks. */
  readonly bodyLength: number | 'chunked';
  /** The client asked for `Upgrade`, so 101 is answered instead of 200. */
  readonly upgrade: boolean;
}

/** Method and target of a request line, undefined when it is none. */
export function requestLine(head: string): { readonly method: string; readonly url: string } | undefined {
  const found = /^([A-Z]+) (\S+) HTTP\/1\.[01]\r\n/.exec(head);
  return found ? { method: found[1] ?? '', url: found[2] ?? '' } : undefined;
}

/** Parses a head, given as latin1 up to and without its empty line. Throws engine/bad-parameter when it is ambiguous. */
export function parseHead(text: string): Head {
  const line = requestLine(`${text}\r\n`);
  if (line === undefined) throw malformed('no request line');
  const headers = headerMap(text.split('\r\n').slice(1));
  const connection = headers['connection'] ?? '';
  return {
    ...line,
    headers,
    bodyLength: bodyLength(headers),
    upgrade: headers['upgrade'] !== undefined && /(^|,)\s*upgrade\s*(,|$)/i.test(connection),
  };
}

/** Lower-case names; repeats are joined by a comma, which makes a doubled Content-Length invalid. */
function headerMap(lines: readonly string[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const found = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/.exec(line);
    if (!found) throw malformed('a header line is malformed');
    const name = (found[1] ?? '').toLowerCase();
    const before = headers.get(name);
    const value = found[2] ?? '';
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries(headers);
}

function bodyLength(headers: Readonly<Record<string, string>>): number | 'chunked' {
  const length = headers['content-length'];
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (length !== undefined) throw malformed('both Content-Length and Transfer-Encoding');
    if (coding.toLowerCase() !== 'chunked') throw malformed('unknown Transfer-Encoding');
    return 'chunked';
  }
  if (length === undefined) return 0;
  if (!/^\d{1,15}$/.test(length)) throw malformed('invalid Content-Length');
  return Number(length);
}

function malformed(what: string): GantryError {
  return new GantryError('engine/bad-parameter', `malformed HTTP request: ${what}`);
}
