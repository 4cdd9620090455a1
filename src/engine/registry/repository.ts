// What is read of one repository: manifests, tags, small blobs whole, layers as streams that survive a broken connection.
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { GantryError, isGantryError } from '../../base/error.ts';
import { digestOf, MAX_CONFIG } from '../images/config.ts';
import { answerFailure, problemsIn, type Asked } from './failures.ts';
import { ACCEPT, MAX_MANIFEST, parseManifest, type Descriptor, type Manifest } from './manifest.ts';
import { readCapped } from './read-capped.ts';
import type { Session } from './session.ts';

/** A repository of a registry, for reading. */
export interface Repository {
  /** Throws registry/not-found, registry/denied and what connections throw. */
  manifest(reference: string): Promise<FetchedManifest>;
  tags(): Promise<readonly string[]>;
  /** A small blob: the configuration. */
  config(descriptor: Descriptor): Promise<string>;
  /** The bytes of a layer; goes on where it was when the connection breaks. Its digest is the reader's to check. */
  layer(descriptor: Descriptor, reading: Reading): AsyncGenerator<Buffer, void, undefined>;
}

/** Someone who reads a layer. */
export interface Reading {
  /** Called with the bytes that came so far. */
  readonly onBytes?: (bytes: number) => void;
  /** Called when the transfer is taken up again in the middle. */
  readonly onResume?: () => void;
  readonly signal: AbortSignal;
}

/** A manifest with what it came as. */
export interface FetchedManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly size: number;
  readonly manifest: Manifest;
}

/** What is read, and for whom. */
export interface RepositoryOptions {
  readonly session: Session;
  /** Name within the registry: `library/busybox`. */
  readonly path: string;
  /** For the texts of failures. */
  readonly asked: Asked;
  readonly signal: AbortSignal;
}

/** Cap on what is said with a failure. */
const MAX_WORDS = 64 * 1024;
/** Caps on one page of tags in bytes, and on all of them. */
const MAX_TAG_PAGE = 4 * 1024 * 1024;
const MAX_TAG_PAGES = 1000;
const MAX_TAGS = 100_000;
/** How often a transfer is taken up again without a byte in between, and the first pause before it, in ms. */
const ATTEMPTS = 5;
const PAUSE_MS = 250;

/** A repository on an open session. */
export function openRepository(options: RepositoryOptions): Repository {
  return {
    manifest: async (reference) => await fetchManifest(options, reference),
    tags: async () => await fetchTags(options),
    config: async (descriptor) => await fetchConfig(options, descriptor),
    layer: (descriptor, reading) => layerBytes(options, descriptor, reading),
  };
}

type Headers = Readonly<Record<string, string>>;

async function get(options: RepositoryOptions, path: string, headers: Headers): Promise<IncomingMessage> {
  return await options.session.request({
    method: 'GET',
    path: path.startsWith('/v2/') ? path : `/v2/${options.path}/${path}`,
    scopes: [`repository:${options.path}:pull`],
    headers,
    signal: options.signal,
  });
}

async function getOk(options: RepositoryOptions, path: string, headers: Headers = {}): Promise<IncomingMessage> {
  const answer = await get(options, path, headers);
  if (answer.statusCode === 200 || answer.statusCode === 206) return answer;
  throw await failed(options, answer);
}

async function failed(options: RepositoryOptions, answer: IncomingMessage): Promise<GantryError> {
  const body = await readCapped(answer, MAX_WORDS, 'an error of the registry').catch(() => Buffer.alloc(0));
  return answerFailure(answer.statusCode ?? 0, problemsIn(body.toString('utf8')), options.asked);
}

async function fetchManifest(options: RepositoryOptions, reference: string): Promise<FetchedManifest> {
  const answer = await getOk(options, `manifests/${reference}`, { Accept: ACCEPT });
  const bytes = await readCapped(answer, MAX_MANIFEST, 'the manifest');
  const digest = digestOf(bytes);
  if (reference.startsWith('sha256:') && reference !== digest) {
    throw new GantryError('registry/protocol', `manifest verification failed for digest ${reference}`);
  }
  const mediaType = answer.headers['content-type'] ?? '';
  return { digest, mediaType, size: bytes.length, manifest: parseManifest(bytes.toString('utf8'), mediaType) };
}

async function fetchTags(options: RepositoryOptions): Promise<readonly string[]> {
  let tags: readonly string[] = [];
  let path = 'tags/list';
  for (let page = 1; page <= MAX_TAG_PAGES; page += 1) {
    const answer = await getOk(options, path);
    tags = tags.concat(tagsIn((await readCapped(answer, MAX_TAG_PAGE, 'the list of tags')).toString('utf8')));
    const next = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(answer.headers['link'] ?? ''))?.[1];
    if (next === undefined) return tags;
    if (tags.length > MAX_TAGS) break;
    path = pathOf(options.session.resolve(next));
  }
  throw new GantryError('registry/protocol', `${options.asked.name} has more tags than can be pulled at once`);
}

/** The tags on one page. */
function tagsIn(text: string): readonly string[] {
  try {
    const value: unknown = JSON.parse(text);
    const list: unknown = typeof value === 'object' && value !== null && 'tags' in value ? value.tags : [];
    return Array.isArray(list) ? list.filter((tag) => typeof tag === 'string') : [];
  } catch (cause) {
    throw new GantryError('registry/protocol', 'the list of tags is no JSON', { cause });
  }
}

function pathOf({ pathname, search }: URL): string {
  return pathname + search;
}

async function fetchConfig(options: RepositoryOptions, descriptor: Descriptor): Promise<string> {
  const chunks: Buffer[] = [];
  if (descriptor.size > MAX_CONFIG) throw new GantryError('registry/protocol', 'the image configuration is too large');
  for await (const chunk of layerBytes(options, descriptor, options)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (digestOf(bytes) !== descriptor.digest) {
    throw new GantryError('registry/protocol', `image config verification failed for digest ${descriptor.digest}`);
  }
  return bytes.toString('utf8');
}

/** Bytes from the first to the last, over as many connections as it takes. */
async function* layerBytes(
  options: RepositoryOptions,
  descriptor: Descriptor,
  { onBytes, onResume, signal }: Reading,
): AsyncGenerator<Buffer, void, undefined> {
  const reading = { ...options, signal };
  let at = 0;
  for (let attempt = 1; ; attempt += 1) {
    const before = at;
    try {
      for await (const chunk of piece(reading, descriptor, at)) {
        at += chunk.length;
        onBytes?.(at);
        yield chunk;
      }
      if (at === descriptor.size) return;
      throw new GantryError(
        'registry/unreachable',
        `${options.asked.domain}: the connection ended in the middle of a layer`,
      );
    } catch (error) {
      signal.throwIfAborted();
      if (at > before) attempt = 1;
      if (!isPassing(error) || attempt >= ATTEMPTS) throw error;
      await delay(PAUSE_MS * 2 ** (attempt - 1), undefined, { signal });
      if (at > 0) onResume?.();
    }
  }
}

/** What one connection gives from an offset on; a registry that cannot begin there sends all of it again. */
async function* piece(options: RepositoryOptions, descriptor: Descriptor, at: number): AsyncGenerator<Buffer> {
  const { size, digest } = descriptor;
  if (at >= size) return;
  const answer = await getOk(options, `blobs/${digest}`, at === 0 ? {} : { Range: `bytes=${at}-` });
  let skip = answer.statusCode === 206 ? 0 : at;
  let left = size - at;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const fresh = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - fresh.length;
    left -= fresh.length;
    if (left < 0) throw new GantryError('registry/protocol', `layer ${digest} is larger than its manifest says`);
    if (fresh.length > 0) yield fresh;
  }
}

/** What may be gone on the next try: broken connections, a registry that is overloaded. */
function isPassing(error: unknown): boolean {
  if (!isGantryError(error)) return error instanceof Error && 'code' in error;
  if (error.code === 'registry/unreachable' || error.code === 'registry/rate-limited') return true;
  return error.code === 'registry/protocol' && /HTTP status: 5\d\d/.test(error.message);
}
