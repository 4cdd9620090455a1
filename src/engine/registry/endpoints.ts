// Where the registry of an image name is asked: mirrors first, https before http, and plain http only where that is allowed.
import { GantryError } from '../../base/error.ts';
import { hostOf, inNetwork, isLoopback } from './proxy.ts';
import type { RegistrySettings } from './settings.ts';

/** One place to ask. */
export interface Endpoint {
  /** Scheme, host and port, with the path before `/v2/` if there is one; no slash at its end. */
  readonly base: string;
  readonly mirror: boolean;
}

/** The name docker.io's registry really has. */
const DOCKER_REGISTRY = 'registry-1.docker.io';

/** Which places are left out. */
export interface EndpointChoice {
  /** Mirrors are only read from. */
  readonly write?: boolean;
  /** Bases of mirrors that have failed. */
  readonly without?: ReadonlySet<string>;
}

/** Places to ask for a domain, the best first. */
export function endpointsOf(
  settings: RegistrySettings,
  domain: string,
  { write = false, without = new Set() }: EndpointChoice,
): readonly Endpoint[] {
  if (domain !== 'docker.io') return hostEndpoints(settings, domain);
  const mirrors = write ? [] : settings.mirrors.flatMap((mirror) => mirrorEndpoints(settings, mirror));
  return [...mirrors.filter(({ base }) => !without.has(base)), { base: `https://${DOCKER_REGISTRY}`, mirror: false }];
}

/** True when certificates of this host go unchecked and plain http is allowed: loopback, and what the settings name. */
export function isInsecure(settings: RegistrySettings, url: URL): boolean {
  const host = hostOf(url);
  if (host === 'localhost' || isLoopback(host)) return true;
  return settings.insecure.some(
    (entry) => entry.toLowerCase() === url.host || entry.toLowerCase() === host || inNetwork(entry, host),
  );
}

function hostEndpoints(settings: RegistrySettings, domain: string): readonly Endpoint[] {
  const url = URL.parse(`https://${domain}`);
  if (url === null) throw new GantryError('engine/bad-parameter', `${domain} is no registry`);
  const secure = { base: `https://${domain}`, mirror: false };
  return isInsecure(settings, url) ? [secure, { base: `http://${domain}`, mirror: false }] : [secure];
}

function mirrorEndpoints(settings: RegistrySettings, mirror: string): readonly Endpoint[] {
  const url = URL.parse(mirror.includes('://') ? mirror : `https://${mirror}`);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    throw new GantryError('engine/bad-parameter', `registry-mirrors: ${mirror} is no URL`);
  }
  if (url.protocol === 'http:' && !isInsecure(settings, url)) {
    throw new GantryError('engine/bad-parameter', `registry-mirrors: ${mirror} is plain http`, {
      hint: `use https, or add ${url.host} to insecure-registries`,
    });
  }
  return [{ base: url.href.replace(/\/+$/, ''), mirror: true }];
}
