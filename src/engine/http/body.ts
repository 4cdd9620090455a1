// The JSON body of a request: size cap, content type and Go's leniency. Raw bodies are the handlers' own.
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { GantryError } from '../../base/error.ts';
import { canonicalKeys } from './json-keys.ts';

/** Largest JSON body in bytes. */
const MAX_JSON = 8 * 1024 * 1024;

/** Reads the body as JSON, null when it is empty. Throws engine/bad-parameter. */
export async function readJson(body: Readable, headers: IncomingHttpHeaders): Promise<unknown> {
  const bytes = await readAll(body);
  if (bytes.length === 0) return null;
  requireJsonType(headers['content-type'] ?? '');
  return canonicalKeys(parse(bytes.toString('utf8')));
}

async function readAll(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // kept open when the cap is passed, so that the refusal still reaches the client
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_JSON) throw bad(`the request body is larger than ${MAX_JSON} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function requireJsonType(type: string): void {
  const plain = type.split(';')[0]?.trim().toLowerCase();
  if (plain === 'application/json') return;
  throw bad(`unsupported Content-Type header (${type}): must be 'application/json'`);
}

function parse(text: string): unknown {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw bad(`invalid JSON: ${cause instanceof Error ? cause.message : 'cannot be parsed'}`, cause);
  }
}

function bad(message: string, cause?: unknown): GantryError {
  return new GantryError('engine/bad-parameter', message, cause === undefined ? {} : { cause });
}
