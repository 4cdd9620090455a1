// Which proxy a request goes through: the rules of Go's net/http (httpproxy), so that settings made for docker mean the same.
// Decides from values it is handed; connects to nothing.
import { BlockList, isIP } from 'node:net';
import type { Env } from '../../base/env.ts';
import { GantryError } from '../../base/error.ts';

/** Proxies by the scheme of what is asked for; "" for none. */
export interface ProxySettings {
  readonly http: string;
  readonly https: string;
  /** Hosts that are asked directly, comma-separated. */
  readonly none: string;
}

/** The proxies an environment names; upper case wins, as in Go. */
export function proxiesOf(env: Env): ProxySettings {
  const either = (name: string): string => env[name] || env[name.toLowerCase()] || '';
  return { http: either('HTTP_PROXY'), https: either('HTTPS_PROXY'), none: either('NO_PROXY') };
}

/** The proxy for a URL; undefined: directly. Throws engine/bad-parameter for one that cannot be used. */
export function proxyFor(settings: ProxySettings, url: URL): URL | undefined {
  const text = url.protocol === 'https:' ? settings.https : settings.http;
  if (text === '' || !usesProxy(settings.none, url)) return undefined;
  const proxy = URL.parse(text.includes('://') ? text : `http://${text}`);
  if (proxy === null || !['http:', 'https:'].includes(proxy.protocol)) {
    // without its user and password
    throw new GantryError('engine/bad-parameter', `this proxy cannot be used: ${text.replace(/\/\/[^@/]*@/, '//')}`, {
      hint: 'HTTP_PROXY and HTTPS_PROXY take http://HOST:PORT or https://HOST:PORT',
    });
  }
  return proxy;
}

/** The host of a URL without the brackets of IPv6. */
export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
}

function usesProxy(none: string, url: URL): boolean {
  const host = hostOf(url);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  if (host === 'localhost' || isLoopback(host)) return false;
  const entries = none.split(',').map((entry) => entry.trim().toLowerCase());
  return !entries.some((entry) => entry !== '' && matches(entry, host, port));
}

/** True for addresses of 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  return inNetwork('127.0.0.0/8', host) || host === '::1';
}

/** True when an address lies in a network written as CIDR. */
export function inNetwork(cidr: string, address: string): boolean {
  const [network = '', bits = ''] = cidr.split('/');
  const family = isIP(network);
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) {
    return false;
  }
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** `*`, a network, an address, `domain` with all below it, `.domain` and `*.domain` only below it; each but * with a port. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return inNetwork(entry, host);
  const [, name = '', wanted] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (wanted !== undefined && wanted !== port) return false;
  const bare = name.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 || isIP(host) !== 0) return bare === host;
  const domain = bare.replace(/^\*/, '');
  return domain.startsWith('.') ? host.endsWith(domain) : host === domain || host.endsWith(`.${domain}`);
}
