// What is written to a repository: blobs, mounted from a neighbour where the registry has them already, and manifests.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { GantryError } from '../../base/error.ts';
import { digestOf } from '../images/config.ts';
import { loginHint, problemsIn, problemText } from './failures.ts';
import { readCapped } from './read-capped.ts';
import type { Session, SessionRequest } from './session.ts';

/** A repository of a registry, for writing. */
export interface UploadTarget {
  /** Bytes of a blob that is there; undefined when it is not. */
  sizeOf(digest: string): Promise<number | undefined>;
  /** Takes a blob over from another repository of the registry; false when the registry would not. */
  mount(digest: string, from: string): Promise<boolean>;
  /** Sends a blob; `open` gives its bytes, `size` of them. */
  send(blob: { readonly digest: string; readonly size: number }, open: () => Readable): Promise<void>;
  /** Gives a manifest a name; gives its digest. */
  putManifest(reference: string, text: string, mediaType: string): Promise<string>;
}

/** What is written to, and until when. */
export interface UploadOptions {
  readonly session: Session;
  readonly domain: string;
  readonly path: string;
  readonly signal: AbortSignal;
}

const MAX_WORDS = 64 * 1024;

/** A repository on an open session. */
export function openUploads(options: UploadOptions): UploadTarget {
  return {
    sizeOf: async (digest) => await sizeOf(options, digest),
    mount: async (digest, from) => await mount(options, digest, from),
    send: async (blob, open) => await send(options, blob, open),
    putManifest: async (reference, text, mediaType) => {
      const body = Buffer.from(text);
      const headers = { 'Content-Type': mediaType, 'Content-Length': String(body.length) };
      await expect(options, [201, 200], { method: 'PUT', path: `manifests/${reference}`, headers, body });
      return digestOf(body);
    },
  };
}

type Request = Pick<SessionRequest, 'method' | 'path' | 'headers' | 'body'> & { readonly from?: string };

async function ask({ session, path, signal }: UploadOptions, request: Request): Promise<IncomingMessage> {
  const { from, ...rest } = request;
  const scopes = [`repository:${path}:pull,push`, ...(from === undefined ? [] : [`repository:${from}:pull`])];
  const whole = /^https?:/.test(request.path) ? request.path : `/v2/${path}/${request.path}`;
  return await session.request({ ...rest, path: whole, scopes, signal });
}

/** The answer, its body thrown away. Throws what the registry says when its status is another one. */
async function expect(options: UploadOptions, statuses: readonly number[], request: Request): Promise<IncomingMessage> {
  const answer = await ask(options, request);
  const status = answer.statusCode ?? 0;
  if (statuses.includes(status)) {
    answer.resume();
    return answer;
  }
  const body = await readCapped(answer, MAX_WORDS, 'an error of the registry').catch(() => Buffer.alloc(0));
  throw refusal(options.domain, status, body.toString('utf8'));
}

function refusal(domain: string, status: number, body: string): GantryError {
  const [problem] = problemsIn(body);
  if (status === 401 || status === 403) {
    const said = problem === undefined ? 'denied: requested access to the resource is denied' : problemText(problem);
    return new GantryError('registry/denied', said, { hint: loginHint(domain) });
  }
  const said = problem === undefined ? `received unexpected HTTP status: ${status}` : problemText(problem);
  return new GantryError(status === 429 ? 'registry/rate-limited' : 'registry/protocol', `${domain}: ${said}`);
}

async function sizeOf(options: UploadOptions, digest: string): Promise<number | undefined> {
  const answer = await ask(options, { method: 'HEAD', path: `blobs/${digest}` });
  answer.resume();
  if (answer.statusCode !== 200) return undefined;
  const size = Number(answer.headers['content-length']);
  return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

async function mount(options: UploadOptions, digest: string, from: string): Promise<boolean> {
  const query = new URLSearchParams({ mount: digest, from });
  const request = { method: 'POST', path: `blobs/uploads/?${query.toString()}`, from, headers: EMPTY } as const;
  const answer = await ask(options, request);
  answer.resume();
  if (answer.statusCode === 202) await giveUp(options, answer);
  return answer.statusCode === 201;
}

const EMPTY = { 'Content-Length': '0' };

/** An upload that was begun instead is ended again; a registry that does not know that ends it by itself some day. */
async function giveUp(options: UploadOptions, { headers }: IncomingMessage): Promise<void> {
  if (headers.location === undefined) return;
  const answer = await ask(options, { method: 'DELETE', path: options.session.resolve(headers.location).href });
  answer.resume();
}

/** Begins an upload and sends all of it in one request. */
async function send(
  options: UploadOptions,
  { digest, size }: { readonly digest: string; readonly size: number },
  open: () => Readable,
): Promise<void> {
  const begun = await expect(options, [202], { method: 'POST', path: 'blobs/uploads/', headers: EMPTY });
  const { location } = begun.headers;
  if (location === undefined) throw new GantryError('registry/protocol', `${options.domain}: no place to upload to`);
  const url = options.session.resolve(location);
  url.searchParams.set('digest', digest);
  const headers = { 'Content-Type': 'application/octet-stream', 'Content-Length': String(size) };
  await expect(options, [201, 204], { method: 'PUT', path: url.href, headers, body: open });
}
