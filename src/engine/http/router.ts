// The node:http side of the API: every request but hijacks comes here and gets exactly one answer.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from '../../base/log.ts';
import { GantryError } from '../../base/error.ts';
import { COMMON_HEADERS, sendAnswer, sendFailure, type Exchange } from './answer.ts';
import { dispatch } from './dispatch.ts';
import { drain } from './drain.ts';
import { failureAnswer, isOwnClient } from './errors.ts';
import { isKnownPath, matchRoute, parseTarget } from './match.ts';
import type { Handlers } from './types.ts';

/** Largest request head: dockerode repeats a whole container configuration in the query. */
export const MAX_HEAD = 1024 * 1024;
/** How long an idle connection of our own client is kept, in ms. */
const KEEP_ALIVE_MS = 30_000;
/** How long a client that is refused may go on sending before it is told, in ms: not all of them listen meanwhile. */
const DRAIN_MS = 2_000;

/** What the HTTP side is given. */
export interface HttpOptions {
  readonly handlers: Handlers;
  readonly log: Logger;
  /** Aborted when the engine ends. */
  readonly signal: AbortSignal;
}

/** A server that is never bound itself: the front door hands it connections. */
export function createRouter(options: HttpOptions): Server {
  const server = createServer({ maxHeaderSize: MAX_HEAD, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 });
  server.on('request', (request, response) => void serve(options, request, response));
  server.on('clientError', (_error, socket) => refuseUnreadable(socket));
  return server;
}

async function serve(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(COMMON_HEADERS)) response.setHeader(name, value);
  // only a connection's first request can be taken over, so clients we do not know get one connection a request
  if (!isOwnClient(request.headers)) response.shouldKeepAlive = false;
  const gone = new AbortController();
  response.once('close', () => gone.abort(new GantryError('base/aborted', 'the client has gone')));
  const exchange = { request, response, signal: AbortSignal.any([gone.signal, options.signal]) };
  try {
    await answer(options, exchange);
  } catch (error) {
    report(options.log, exchange, error);
    await drain(request, { signal: AbortSignal.any([exchange.signal, AbortSignal.timeout(DRAIN_MS)]) });
    sendFailure(exchange, error);
  }
}

async function answer(options: HttpOptions, exchange: Exchange): Promise<void> {
  const { request, response, signal } = exchange;
  const { method = 'GET', url = '/', headers } = request;
  const target = parseTarget(url);
  if (method === 'OPTIONS' && isKnownPath(target)) {
    response.end();
    return;
  }
  if (matchRoute(method, target)?.row.kind === 'hijack') {
    throw new GantryError('engine/bad-parameter', 'attach and exec start need a connection of their own');
  }
  await sendAnswer(exchange, await dispatch(options.handlers, { method, url, headers, body: request, signal }));
}

/** A mistake of ours is logged with its stack, a failure with its message; a client that went away is neither. */
function report(log: Logger, exchange: Exchange, error: unknown): void {
  if (exchange.signal.aborted) return;
  const fields = { method: exchange.request.method, path: parseTarget(exchange.request.url ?? '').path };
  const { status, body } = failureAnswer(error, false);
  if (!(error instanceof GantryError)) log.error('request failed', { ...fields, error });
  else log[status >= 500 ? 'warn' : 'debug']('request refused', { ...fields, status, ...body });
}

/** What node:http can't parse: doubled Content-Length, both length and chunks, a head beyond the cap. */
function refuseUnreadable(socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${JSON.stringify({ message: 'malformed HTTP request', code: 'engine/bad-parameter' })}\n`;
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
}
