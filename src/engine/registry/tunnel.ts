// A TLS connection to a registry through a proxy's CONNECT. The proxy sees host and port and nothing else.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { isIP } from 'node:net';
import { GantryError } from '../../base/error.ts';
import { hostOf } from './proxy.ts';

/** How a tunnel is made. */
export interface TunnelOptions {
  readonly tls: ConnectionOptions;
  readonly signal: AbortSignal;
}

/** Connects to the host of `url` through the proxy; resolves when TLS stands. */
export async function openTunnel(proxy: URL, url: URL, options: TunnelOptions): Promise<TLSSocket> {
  const socket = await connectThrough(proxy, url, options.signal);
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const host = hostOf(url);
  const secured = connect({ ...options.tls, socket, ...(isIP(host) === 0 ? { servername: host } : { host }) });
  secured.once('secureConnect', () => resolve(secured)).once('error', reject);
  return await promise;
}

/** The proxy's own authorization, by user and password in its URL. */
export function proxyHeaders(proxy: URL): Readonly<Record<string, string>> {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

async function connectThrough(proxy: URL, url: URL, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const target = `${url.hostname}:${url.port || '443'}`;
  const send = proxy.protocol === 'https:' ? httpsRequest : httpRequest;
  const { hostname, port } = proxy;
  const headers = { Host: target, ...proxyHeaders(proxy) };
  const sent = send({
    hostname,
    port,
    method: 'CONNECT',
    path: target,
    headers,
    agent: false,
    signal,
    timeout: 30_000,
  });
  sent.once('connect', (answer, socket) => {
    if (answer.statusCode === 200) resolve(socket);
    else {
      socket.destroy();
      reject(
        new GantryError('registry/unreachable', `the proxy ${proxy.host} answered ${answer.statusCode} for ${target}`),
      );
    }
  });
  sent.once('response', (answer) => {
    answer.resume();
    reject(
      new GantryError('registry/unreachable', `the proxy ${proxy.host} answered ${answer.statusCode} for ${target}`),
    );
  });
  sent.once('timeout', () => sent.destroy(new Error(`the proxy ${proxy.host} does not answer`)));
  sent.once('error', (cause) =>
    reject(
      new GantryError('registry/unreachable', `the proxy ${proxy.host} cannot be reached: ${cause.message}`, {
        cause,
        hint: 'HTTP_PROXY, HTTPS_PROXY and NO_PROXY count as they were when the engine was started',
      }),
    ),
  );
  sent.end();
  return await promise;
}
