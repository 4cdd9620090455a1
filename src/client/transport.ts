// One HTTP conversation with an engine: requests over a unix socket or TCP, kept alive, errors as HttpError.
// It knows paths and bytes, not what containers are.
import http from 'node:http';
import type { Readable } from 'node:stream';
import { GantryError, messageOf } from '../base/error.ts';
import { VERSION } from '../base/version.ts';
import type { EngineAddress } from './address.ts';
import { HttpError } from './errors.ts';
import { buildQuery, type Query } from './query.ts';

/** One call. */
export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly query?: Query | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, streamed; instead of `body`. */
  readonly input?: Readable | undefined;
  /** Beside the usual ones. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly abortSignal?: AbortSignal | undefined;
  /** On a connection of its own, which attach and exec start need. */
  readonly alone?: boolean;
}

/** What a transport is made with. */
export interface TransportOptions {
  /** Refuses every call that could change something. */
  readonly readOnly?: boolean;
}

/** A connection to one engine. */
export interface Transport {
  readonly address: EngineAddress;
  /** `Api-Version` of the latest answer; undefined before the first. */
  readonly apiVersion: string | undefined;
  readonly readOnly: boolean;
  /** Resolves with the answer's head; the caller reads the body. Statuses from 300 up reject. */
  open(request: ApiRequest): Promise<http.IncomingMessage>;
  /** The whole body; at most `MAX_BODY` bytes. */
  read(request: ApiRequest): Promise<Buffer>;
  /** The body as JSON; undefined for an empty one. */
  json<T>(request: ApiRequest): Promise<T>;
  /** Ends idle connections. */
  close(): void;
}

/** The most that is read of an answer held in memory, in bytes. */
export const MAX_BODY = 256 * 1024 * 1024;

/** A transport to the engine at `address`; no connection is made yet. */
export function createTransport(address: EngineAddress, { readOnly = false }: TransportOptions = {}): Transport {
  const agent = new http.Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 64 });
  let apiVersion: string | undefined;
  const open = async (request: ApiRequest): Promise<http.IncomingMessage> => {
    refuseChange({ readOnly }, request);
    const answer = await send(address, agent, request);
    const version = answer.headers['api-version'];
    if (typeof version === 'string') apiVersion = version;
    if ((answer.statusCode ?? 0) >= 300) throw await httpError(request, answer);
    return answer;
  };
  const read = async (request: ApiRequest): Promise<Buffer> => readAll(await open(request));
  return {
    address,
    get apiVersion() {
      return apiVersion;
    },
    readOnly,
    open,
    read,
    json: async <T>(request: ApiRequest): Promise<T> => {
      return parseBody(request, await read(request)) as T;
    },
    close: () => agent.destroy(),
  };
}

/** Throws for a call that could change something when only reading is allowed. To wait changes nothing. */
export function refuseChange({ readOnly }: Pick<Transport, 'readOnly'>, { method, path }: ApiRequest): void {
  if (!readOnly || method === 'GET' || method === 'HEAD' || path.endsWith('/wait')) return;
  throw new GantryError('usage/invalid-flag', `--dry-run: ${method} ${path} was not sent, it may change something`);
}

function parseBody(request: ApiRequest, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch (cause) {
    throw new GantryError('client/protocol', `${request.method} ${request.path}: the answer is no JSON`, {
      cause,
      hint: 'is it an engine that answers there?',
    });
  }
}

/** The node:http options of a request; the hijack uses the same. */
export function requestOptions(
  address: EngineAddress,
  request: ApiRequest,
): http.RequestOptions & { readonly servername: string } {
  const headers: http.OutgoingHttpHeaders = { Host: 'gantry', 'User-Agent': `gantry/${VERSION}` };
  if (request.body !== undefined) headers['Content-Type'] = 'application/json';
  if (request.input !== undefined) headers['Content-Type'] = 'application/x-tar';
  Object.assign(headers, request.headers);
  return {
    ...(address.kind === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port }),
    method: request.method,
    // spares the agent from deriving it from the Host header; it is for TLS only
    servername: '',
    path: `${request.path}${buildQuery(request.query)}`,
    headers,
    ...(request.abortSignal === undefined ? {} : { signal: request.abortSignal }),
  };
}

/** The bytes of a request's JSON body, if it has one. */
export function requestBody(request: ApiRequest): string | undefined {
  return request.body === undefined ? undefined : JSON.stringify(request.body);
}

/** The error for an answer whose status says failure; reads its body. */
export async function httpError(request: ApiRequest, answer: http.IncomingMessage): Promise<HttpError> {
  const body = await readAll(answer);
  return new HttpError(answer.statusCode ?? 0, body.toString(), { call: `${request.method} ${request.path}` });
}

/** What a failed connection means, in words. */
export function connectionError(address: EngineAddress, request: ApiRequest, error: Error): GantryError {
  if (request.abortSignal?.aborted === true) {
    return new GantryError('base/aborted', `${request.method} ${request.path} was cancelled`, { cause: error });
  }
  // what was to be sent could not be made: that is the failure
  if (error instanceof GantryError) return error;
  const why = CAUSES[codeOf(error)] ?? messageOf(error);
  return new GantryError('client/unreachable', `cannot reach the engine at ${address.text}: ${why}`, {
    cause: error,
    hint: 'is an engine running there? --host, GANTRY_HOST and DOCKER_HOST choose another one',
  });
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such socket',
  ECONNREFUSED: 'nothing listens there',
  EACCES: 'permission denied',
  ECONNRESET: 'the connection was closed in the middle of a call',
};

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

async function send(address: EngineAddress, agent: http.Agent, request: ApiRequest): Promise<http.IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<http.IncomingMessage>();
  const sent = http.request(
    { ...requestOptions(address, request), agent: request.alone === true ? false : agent },
    resolve,
  );
  sent.once('error', (error) => {
    // an idle connection may be closed by the engine at the moment of its next use: reading again is harmless
    const again = sent.reusedSocket && request.method === 'GET' && codeOf(error) === 'ECONNRESET';
    if (again) send(address, agent, request).then(resolve, reject);
    else reject(connectionError(address, request, error));
  });
  if (request.input === undefined) sent.end(requestBody(request));
  else pump(request.input, sent);
  return await promise;
}

function pump(input: Readable, sent: http.ClientRequest): void {
  input.once('error', (error) => sent.destroy(error));
  input.pipe(sent);
}

async function readAll(answer: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY)
      throw new GantryError('client/protocol', `an answer of the engine is larger than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}
