// One HTTP request to a registry or its token service: TLS trust by host, proxies, connections kept for the next request.
// Follows no redirect, knows no authorization and reads no body.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { VERSION } from '../../base/version.ts';
import { trustFor, type Trust } from './certificates.ts';
import { isInsecure } from './endpoints.ts';
import { connectionFailure } from './failures.ts';
import { proxyFor } from './proxy.ts';
import type { RegistrySettings } from './settings.ts';
import { openTunnel, proxyHeaders } from './tunnel.ts';

/** What is sent. */
export interface Outgoing {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** With its length in the headers. */
  readonly body?: Uint8Array | Readable;
  readonly signal: AbortSignal;
}

/** Sends requests; `close` ends what is still open. */
export interface Transport {
  readonly settings: RegistrySettings;
  /** Resolves with the head of the answer. Throws registry/unreachable in words a person can act on. */
  send(outgoing: Outgoing): Promise<IncomingMessage>;
  close(): void;
}

/** A connection on which nothing moves for this long is given up, in ms. */
const IDLE_MS = 60_000;

/** A transport by the operator's settings. */
export function createTransport(settings: RegistrySettings): Transport {
  const trusts = new Map<string, Promise<Trust>>();
  const agents: Agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };
  const trust = async (host: string): Promise<Trust> => {
    const known = trusts.get(host) ?? trustFor(settings, host);
    trusts.set(host, known);
    return await known;
  };
  return {
    settings,
    send: async (outgoing) => {
      const tls = outgoing.url.protocol === 'https:' ? await trust(outgoing.url.host) : undefined;
      try {
        return await exchange(outgoing, await connectOptions({ settings, agents, tls, outgoing }));
      } catch (error) {
        throw connectionFailure(error, outgoing, tls?.folder ?? '');
      }
    },
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

interface Agents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;
}

interface Connecting {
  readonly settings: RegistrySettings;
  readonly agents: Agents;
  readonly tls: Trust | undefined;
  readonly outgoing: Outgoing;
}

type Options = Omit<RequestOptions, 'headers'> &
  Pick<ConnectionOptions, 'secureContext'> & { readonly headers?: Readonly<Record<string, string>> };

/** How the connection comes about: by an agent, through a proxy that is told the whole URL, or through a tunnel. */
async function connectOptions({ settings, agents, tls, outgoing }: Connecting): Promise<Options> {
  const { url, signal } = outgoing;
  const proxy = proxyFor(settings.proxies, url);
  if (tls === undefined) {
    if (proxy === undefined) return { agent: agents.http };
    const { protocol, hostname, port } = proxy;
    const agent = protocol === 'https:' ? agents.https : agents.http;
    return { agent, protocol, hostname, port, path: url.href, headers: { Host: url.host, ...proxyHeaders(proxy) } };
  }
  const secureContext = tls.context;
  const rejectUnauthorized = tls.own || !isInsecure(settings, url);
  if (proxy === undefined) return { agent: agents.https, secureContext, rejectUnauthorized };
  const socket = await openTunnel(proxy, url, { tls: { secureContext, rejectUnauthorized }, signal });
  return { agent: false, createConnection: () => socket };
}

async function exchange(outgoing: Outgoing, options: Options): Promise<IncomingMessage> {
  const { url, method, body, signal } = outgoing;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const headers = { 'User-Agent': `gantry/${VERSION}`, ...options.headers, ...outgoing.headers };
  const protocol = options.protocol ?? url.protocol;
  const all = { method, signal, timeout: IDLE_MS, ...options, headers, protocol };
  const send = protocol === 'https:' ? httpsRequest : httpRequest;
  const sent = send(url, all, resolve);
  sent.once('timeout', () => sent.destroy(new Error(`nothing came for ${IDLE_MS / 1000} seconds`)));
  sent.once('error', reject);
  if (body === undefined || body instanceof Uint8Array) sent.end(body);
  else pipeline(body, sent, (error) => (error ? reject(error) : undefined));
  return await promise;
}
