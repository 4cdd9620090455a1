// From a request head to a handler's answer: origin guard, routing, version gate. It knows neither node:http nor sockets,
// so that a request taken over by the front door and one parsed by node:http go the same way.
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { GantryError } from '../../base/error.ts';
import { readJson } from './body.ts';
import { checkVersion, compareVersions, matchRoute, parseTarget, type Match, type Target } from './match.ts';
import { parseQuery } from './query.ts';
import { refusalOf } from './refusals.ts';
import type { ApiAnswer, ApiRequest, Handlers } from './types.ts';

/** A request as it came. */
export interface RawRequest {
  readonly method: string;
  /** The request target, with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readable;
  /** Aborted when the client has gone or the engine ends. */
  readonly signal: AbortSignal;
}

/** Runs the handler of a request. Throws GantryError for everything that is refused. */
export async function dispatch(handlers: Handlers, raw: RawRequest): Promise<ApiAnswer> {
  refuseBrowsers(raw.headers);
  const target = parseTarget(raw.url);
  const match = matchRoute(raw.method, target);
  if (match === undefined) throw refusalOf(raw.method, target) ?? new GantryError('engine/not-found', 'page not found');
  checkVersion(match.version);
  const handler = handlers[match.name];
  if (handler === undefined) {
    throw new GantryError('engine/not-implemented', `${raw.method} ${target.path} is not served by this engine`);
  }
  return await handler(apiRequest(raw, target, match));
}

/** No Docker client sends these headers; a page in a browser can't leave them out. */
function refuseBrowsers(headers: IncomingHttpHeaders): void {
  if (headers.origin === undefined && headers['sec-fetch-site'] === undefined) return;
  throw new GantryError('engine/forbidden', 'requests from web pages are refused');
}

function apiRequest(raw: RawRequest, target: Target, match: Match): ApiRequest {
  let json: Promise<unknown> | undefined;
  return {
    params: match.params,
    query: parseQuery(target.search),
    headers: raw.headers,
    since: (version) => compareVersions(match.version, version) >= 0,
    json: () => (json ??= readJson(raw.body, raw.headers)),
    body: raw.body,
    signal: raw.signal,
  };
}
