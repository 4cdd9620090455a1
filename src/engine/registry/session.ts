// A conversation with one registry: authorization answered and renewed, redirects followed without ever handing the
// Authorization to another host. Statuses and bodies are the callers' own.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { GantryError } from '../../base/error.ts';
import { createAuthorizer, type Authorizer } from './authorizer.ts';
import type { Credentials } from './credentials.ts';
import { isInsecure, type Endpoint } from './endpoints.ts';
import type { Outgoing, Transport } from './transport.ts';

/** One request below the registry's root. */
export interface SessionRequest {
  readonly method: Outgoing['method'];
  /** `/v2/…`, or a whole URL that the registry gave, as uploads have. */
  readonly path: string;
  /** `repository:NAME:pull`. */
  readonly scopes: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes, or what opens a stream of them anew for each try. */
  readonly body?: Uint8Array | (() => Readable);
  readonly signal: AbortSignal;
}

/** An open conversation. */
export interface Session {
  readonly endpoint: Endpoint;
  /** Resolves with the head of the final answer, whatever its status. The caller reads or discards the body. */
  request(request: SessionRequest): Promise<IncomingMessage>;
  /** Notes what authorization the registry asks for. */
  challenged(header: string): void;
  /** A URL the registry named, made whole. */
  resolve(location: string): URL;
}

const MAX_REDIRECTS = 10;

/** Begins a conversation; nothing is sent yet. */
export function createSession(transport: Transport, endpoint: Endpoint, credentials: Credentials): Session {
  const authorizer = createAuthorizer(transport, { credentials, host: new URL(endpoint.base).host });
  const resolve = (path: string): URL => {
    const url = URL.parse(/^https?:/.test(path) ? path : `${endpoint.base}${path}`);
    if (url === null) throw new GantryError('registry/protocol', `the registry named an invalid URL`);
    return url;
  };
  return {
    endpoint,
    challenged: (header) => void authorizer.challenged(header),
    resolve: (location) => URL.parse(location, `${endpoint.base}/`) ?? resolve(location),
    request: async (request) => {
      const url = resolve(request.path);
      const first = await follow(transport, { request, url, authorizer, home: new URL(endpoint.base) });
      if (first.statusCode !== 401 || !authorizer.challenged(challengeOf(first))) return first;
      first.resume();
      authorizer.forget(request.scopes);
      return await follow(transport, { request, url, authorizer, home: new URL(endpoint.base) });
    },
  };
}

/** What a 401 asks for. */
function challengeOf(answer: IncomingMessage): string {
  return answer.headers['www-authenticate'] ?? '';
}

interface Going {
  readonly request: SessionRequest;
  readonly url: URL;
  readonly authorizer: Authorizer;
  /** The only origin that sees the Authorization. */
  readonly home: URL;
}

async function follow(transport: Transport, { request, url, authorizer, home }: Going): Promise<IncomingMessage> {
  let target = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const isHome = target.origin === home.origin;
    const authorization = isHome ? await authorizer.header(request.scopes, request.signal) : '';
    const { method, body, signal } = request;
    const answer = await transport.send({
      method,
      url: target,
      signal,
      headers: { ...request.headers, ...(authorization === '' ? {} : { Authorization: authorization }) },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? body : body() }),
    });
    const location = redirectOf(request, answer);
    if (location === undefined) return answer;
    answer.resume();
    target = redirected(transport, target, location);
  }
  throw new GantryError('registry/protocol', `${url.host}: more than ${MAX_REDIRECTS} redirects`);
}

/** Only what reads is redirected; an upload goes where the registry said it should. */
function redirectOf({ method }: SessionRequest, { statusCode = 0, headers }: IncomingMessage): string | undefined {
  if (method !== 'GET' && method !== 'HEAD') return undefined;
  return [301, 302, 303, 307, 308].includes(statusCode) ? headers.location : undefined;
}

function redirected({ settings }: Transport, from: URL, location: string): URL {
  const to = URL.parse(location, from.href);
  if (to === null || !['http:', 'https:'].includes(to.protocol)) {
    throw new GantryError('registry/protocol', `${from.host} redirects to an invalid URL`);
  }
  if (to.protocol === 'http:' && from.protocol === 'https:' && !isInsecure(settings, to)) {
    throw new GantryError('registry/protocol', `${from.host} redirects to ${to.host} without TLS`);
  }
  return to;
}
