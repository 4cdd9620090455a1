// Reads the query and headers of POST /build. Decides nothing but what cannot be served.
import type { HostConfig, Ulimit } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { parseReference, withDefaultTag, type ImageReference } from '../images/reference.ts';
import type { ApiRequest, Query } from '../http/types.ts';
import type { BuildRequest } from './types.ts';

/** The request. Throws engine/bad-parameter for what is malformed, engine/not-implemented for what is not served. */
export function readBuildRequest({ query, headers }: ApiRequest): BuildRequest {
  refuseOthers(query);
  const config = headers['x-registry-config'];
  return {
    dockerfile: query.text('dockerfile') || 'Dockerfile',
    remote: query.text('remote') ?? '',
    tags: query
      .all('t')
      .filter((tag) => tag !== '')
      .map(tagOf),
    quiet: query.flag('q', false),
    noCache: query.flag('nocache', false),
    pull: query.flag('pull', false),
    remove: query.flag('rm', true),
    forceRemove: query.flag('forcerm', false),
    buildArgs: new Map(
      Object.entries(json(query, 'buildargs', {})).map(([name, value]) => [name, textOrNone(name, value)]),
    ),
    labels: Object.fromEntries(
      Object.entries(json(query, 'labels', {})).map(([name, value]) => [name, textOrNone(name, value) ?? '']),
    ),
    target: query.text('target') ?? '',
    host: hostOf(query),
    cacheFrom: Object.values(json(query, 'cachefrom', [])).map(String),
    platform: query.text('platform') || undefined,
    credentials: typeof config === 'string' && config !== '' ? config : undefined,
  };
}

function refuseOthers(query: Query): void {
  if (query.text('version') === '2')
    throw new GantryError('engine/not-implemented', 'this engine has no BuildKit: it builds with the classic builder', {
      hint: 'set DOCKER_BUILDKIT=0',
    });
  if (query.flag('squash', false))
    throw new GantryError('engine/not-implemented', 'squash is an experimental feature that this engine does not have');
  if ((query.text('outputs') ?? '') !== '')
    throw new GantryError('engine/not-implemented', 'outputs need BuildKit, which this engine does not have');
}

function tagOf(text: string): ImageReference {
  const ref = parseReference(text);
  if (ref.digest === undefined) return withDefaultTag(ref);
  throw new GantryError('engine/bad-parameter', `build tag cannot contain a digest: ${text}`);
}

function hostOf(query: Query): HostConfig {
  const extraHosts = query.text('extrahosts') ?? '';
  const ulimits = json(query, 'ulimits', []);
  return {
    NetworkMode: query.text('networkmode') || 'default',
    ExtraHosts: extraHosts.split(',').filter((entry) => entry !== ''),
    ShmSize: query.integer('shmsize') ?? 0,
    Memory: query.integer('memory') ?? 0,
    MemorySwap: query.integer('memswap') ?? 0,
    CpuShares: query.integer('cpushares') ?? 0,
    CpuPeriod: query.integer('cpuperiod') ?? 0,
    CpuQuota: query.integer('cpuquota') ?? 0,
    CpusetCpus: query.text('cpusetcpus') ?? '',
    CpusetMems: query.text('cpusetmems') ?? '',
    CgroupParent: query.text('cgroupparent') ?? '',
    Ulimits: Object.values(ulimits).map(ulimitOf),
  };
}

function ulimitOf(value: unknown): Ulimit {
  if (typeof value === 'object' && value !== null && 'Name' in value && 'Soft' in value && 'Hard' in value)
    return { Name: String(value.Name), Soft: Number(value.Soft), Hard: Number(value.Hard) };
  throw new GantryError('engine/bad-parameter', 'invalid ulimits: each needs Name, Soft and Hard');
}

/** JSON of the same shape as the fallback (object or list). */
function json(query: Query, name: string, fallback: object): object {
  const text = query.text(name) ?? '';
  if (text === '') return fallback;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GantryError('engine/bad-parameter', `invalid ${name}: not JSON`, { cause });
  }
  if (value === null) return fallback;
  if (typeof value === 'object' && Array.isArray(value) === Array.isArray(fallback)) return value;
  // old clients send one list as an object of name and value
  throw new GantryError(
    'engine/bad-parameter',
    `invalid ${name}: ${Array.isArray(fallback) ? 'a list' : 'an object'} is expected`,
  );
}

function textOrNone(name: string, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'string') return value;
  throw new GantryError('engine/bad-parameter', `invalid value of ${name}: a string is expected`);
}
