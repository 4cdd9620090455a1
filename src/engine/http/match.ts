// Which route a request line means: version prefix, path parameters, and Docker's texts for versions it can't serve.
import { ROUTES, type RouteName, type RouteRow } from '../../api/routes.ts';
import { GantryError } from '../../base/error.ts';
import { API_VERSION, MIN_API_VERSION } from '../../base/version.ts';

/** A route found. */
export interface Match {
  readonly name: RouteName;
  readonly row: RouteRow;
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>;
  /** The API version of the path, the newest when it has none. */
  readonly version: string;
}

/** A request line taken apart. */
export interface Target {
  /** Without version prefix, doubled slashes made one. */
  readonly path: string;
  /** Behind `?`. */
  readonly search: string;
  /** The version prefix, undefined when there is none. */
  readonly version: string | undefined;
}

interface Pattern {
  readonly name: RouteName;
  readonly row: RouteRow;
  readonly regexp: RegExp;
}

const PATTERNS: readonly Pattern[] = (Object.entries(ROUTES) as [RouteName, RouteRow][]).map(([name, row]) => ({
  name,
  row,
  regexp: patternOf(row.path),
}));

/** Takes a request target apart; a proxy's absolute form is accepted. */
export function parseTarget(url: string): Target {
  const [before = '', ...rest] = url.replace(/^https?:\/\/[^/]*/i, '').split('?');
  const path = before.replace(/\/{2,}/g, '/');
  const prefix = /^\/v(\d{1,4}\.\d{1,4})(?=\/)/.exec(path);
  return { path: prefix ? path.slice(prefix[0].length) : path, search: rest.join('?'), version: prefix?.[1] };
}

/** The route of a method and target, undefined when no row fits. */
export function matchRoute(method: string, target: Target): Match | undefined {
  for (const { name, row, regexp } of PATTERNS) {
    if (row.method !== method) continue;
    const found = regexp.exec(target.path);
    if (!found) continue;
    return { name, row, params: decoded(found.groups ?? {}), version: target.version ?? API_VERSION };
  }
  return undefined;
}

/** True when some route has this path, whatever the method (for OPTIONS). */
export function isKnownPath(target: Target): boolean {
  return PATTERNS.some(({ regexp }) => regexp.test(target.path));
}

/** Throws engine/bad-parameter for a version outside of what is served, in Docker's words. */
export function checkVersion(version: string): void {
  if (compareVersions(version, API_VERSION) > 0) {
    throw new GantryError(
      'engine/bad-parameter',
      `client version ${version} is too new. Maximum supported API version is ${API_VERSION}`,
    );
  }
  if (compareVersions(version, MIN_API_VERSION) < 0) {
    throw new GantryError(
      'engine/bad-parameter',
      `client version ${version} is too old. Minimum supported API version is ${MIN_API_VERSION}, please upgrade your client to a newer version`,
    );
  }
}

/** Below 0 when `a` is older than `b`: `1.9` is older than `1.24`. */
export function compareVersions(a: string, b: string): number {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor - bMajor || aMinor - bMinor;
}

/** `{id}` is one segment, `{name}` may have slashes; a slash at the end is allowed, as Docker does. */
function patternOf(path: string): RegExp {
  const source = path.replace(/\{(id|name)\}/g, (_whole, name: string) =>
    name === 'id' ? '(?<id>[^/]+)' : '(?<name>.+?)',
  );
  return new RegExp(`^${source}/?$`);
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeParameter(value)]));
}

function decodeParameter(value: string): string {
  try {
    return decodeURIComponent(value).replace(/^\//, '');
  } catch (cause) {
    throw new GantryError('engine/bad-parameter', `invalid URL escape in ${JSON.stringify(value)}`, { cause });
  }
}
