// Searches an index (GET /v1/search): docker.io's, or that of the host a term begins with.
import type { Env } from '../../base/env.ts';
import { GantryError } from '../../base/error.ts';
import { isSomebody, type Credentials } from './credentials.ts';
import { endpointsOf } from './endpoints.ts';
import { readCapped } from './read-capped.ts';
import { registrySettings } from './settings.ts';
import { basic } from './tokens.ts';
import { createTransport, type Transport } from './transport.ts';

/** One found repository, as the API has it. */
export interface SearchResult {
  readonly star_count: number;
  readonly is_official: boolean;
  readonly name: string;
  readonly is_automated: boolean;
  readonly description: string;
}

/** What is looked for. */
export interface SearchRequest {
  readonly term: string;
  /** 1 to 100. */
  readonly limit: number;
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

const MAX_ANSWER = 4 * 1024 * 1024;
const INDEX = 'https://index.docker.io';

/** The found repositories, in the index's order. */
export async function searchIndex(env: Env, request: SearchRequest): Promise<readonly SearchResult[]> {
  const transport = createTransport(await registrySettings(env));
  const { bases, term } = placesOf(transport, request.term);
  const failures: unknown[] = [];
  try {
    for (const base of bases) {
      try {
        return await searchAt(transport, base, { ...request, term });
      } catch (error) {
        failures.push(error);
      }
    }
    throw failures.at(-1);
  } finally {
    transport.close();
  }
}

/** `localhost:5001/busybox` is asked of that host. */
function placesOf({ settings }: Transport, given: string): { bases: readonly string[]; term: string } {
  const slash = given.indexOf('/');
  const host = given.slice(0, Math.max(0, slash));
  const isHost = /[.:]/.test(host) || host === 'localhost';
  if (!isHost || host === 'docker.io' || host === 'index.docker.io') {
    return { bases: [INDEX], term: isHost ? given.slice(slash + 1) : given };
  }
  return { bases: endpointsOf(settings, host, { write: true }).map(({ base }) => base), term: given.slice(slash + 1) };
}

async function searchAt(transport: Transport, base: string, request: SearchRequest): Promise<readonly SearchResult[]> {
  const { credentials, limit, signal, term } = request;
  const url = new URL(`${base}/v1/search`);
  url.searchParams.set('q', term);
  url.searchParams.set('n', String(limit));
  const headers =
    isSomebody(credentials) && credentials.identityToken === '' ? { Authorization: basic(credentials) } : {};
  const answer = await transport.send({
    method: 'GET',
    url,
    headers: { 'X-Docker-Token': 'true', ...headers },
    signal,
  });
  const body = await readCapped(answer, MAX_ANSWER, `the answer of ${url.host}`);
  if (answer.statusCode !== 200) {
    throw new GantryError('registry/protocol', `Unexpected status code ${answer.statusCode ?? 0}`, {
      hint: `${url.host} has no search of its own`,
    });
  }
  return resultsIn(body.toString('utf8'), url.host).slice(0, limit);
}

function resultsIn(text: string, host: string): readonly SearchResult[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GantryError('registry/protocol', `${host} answered no JSON`, { cause });
  }
  const list: unknown = typeof value === 'object' && value !== null && 'results' in value ? value.results : [];
  return Array.isArray(list) ? list.flatMap((item: unknown) => resultOf(item)) : [];
}

function resultOf(item: unknown): readonly SearchResult[] {
  if (typeof item !== 'object' || item === null) return [];
  const field = (name: string): unknown => Reflect.get(item, name) as unknown;
  const text = (name: string): string => {
    const value = field(name);
    return typeof value === 'string' ? value : '';
  };
  return [
    {
      star_count: Number(field('star_count') ?? 0) || 0,
      is_official: field('is_official') === true,
      name: text('name'),
      is_automated: field('is_automated') === true,
      description: text('description'),
    },
  ];
}
