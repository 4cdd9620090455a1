// Tokens of a registry's token service (the distribution token specification), by user and password or by a refresh token.
// Sends credentials nowhere but to the realm the registry names, and to that only over https unless plain http is allowed.
import { GantryError } from '../../base/error.ts';
import type { Challenge } from './challenge.ts';
import { isSomebody, type Credentials } from './credentials.ts';
import { isInsecure } from './endpoints.ts';
import { problemsIn, problemText } from './failures.ts';
import { readCapped } from './read-capped.ts';
import type { Outgoing, Transport } from './transport.ts';

/** What a token is asked for. */
export interface TokenRequest {
  readonly challenge: Challenge;
  readonly credentials: Credentials;
  /** `repository:library/busybox:pull`, several for a mount from another repository. */
  readonly scopes: readonly string[];
  /** Also ask for a refresh token, for a login. */
  readonly offline?: boolean;
  readonly signal: AbortSignal;
}

/** A token and how long it may be used. */
export interface Token {
  readonly value: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** "" when none was given. */
  readonly refresh: string;
}

/** Largest answer of a token service. */
const MAX_TOKEN = 1024 * 1024;
const CLIENT = 'gantry';
/** What a token is good for when its service does not say, and how much earlier it counts as old, in ms. */
const DEFAULT_LIFE = 60_000;
const MARGIN = 10_000;

/** Fetches a token. Throws registry/unauthorized with what the service says. */
export async function fetchToken(transport: Transport, request: TokenRequest): Promise<Token> {
  const realm = realmOf(transport, request.challenge);
  const { identityToken } = request.credentials;
  const outgoing = identityToken === '' ? byPassword(realm, request) : byRefreshToken(realm, request);
  const answer = await transport.send(outgoing);
  const body = (await readCapped(answer, MAX_TOKEN, `the answer of ${realm.host}`)).toString('utf8');
  if (answer.statusCode === 200) return tokenIn(body, realm.host);
  const [problem] = problemsIn(body);
  const said = problem === undefined ? `status ${answer.statusCode ?? 0}` : problemText(problem);
  const code = answer.statusCode === 401 || answer.statusCode === 403 ? 'registry/unauthorized' : 'registry/protocol';
  throw new GantryError(code, said.startsWith('unauthorized') ? said : `the token service ${realm.host}: ${said}`);
}

function realmOf({ settings }: Transport, { parameters }: Challenge): URL {
  const realm = URL.parse(parameters['realm'] ?? '');
  if (realm === null) throw new GantryError('registry/protocol', 'the registry names no token service');
  const allowed = realm.protocol === 'https:' || (realm.protocol === 'http:' && isInsecure(settings, realm));
  if (allowed) return realm;
  throw new GantryError('registry/protocol', `the token service ${realm.origin} is not asked: it does not use https`, {
    hint: `if you trust the network, add ${realm.host} to "insecure-registries" of daemon.json`,
  });
}

/** GET with the credentials, if there are some, as Basic. */
function byPassword(realm: URL, { challenge, credentials, scopes, offline, signal }: TokenRequest): Outgoing {
  const url = new URL(realm);
  const { service } = challenge.parameters;
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (offline === true) url.searchParams.set('offline_token', 'true');
  if (credentials.username !== '') url.searchParams.set('account', credentials.username);
  if (offline === true) url.searchParams.set('client_id', CLIENT);
  const headers = isSomebody(credentials) ? { Authorization: basic(credentials) } : {};
  return { method: 'GET', url, headers, signal };
}

/** The OAuth2 form. */
function byRefreshToken(url: URL, { challenge, credentials, scopes, signal }: TokenRequest): Outgoing {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: credentials.identityToken,
    service: challenge.parameters['service'] ?? '',
    client_id: CLIENT,
    scope: scopes.join(' '),
  });
  const body = Buffer.from(form.toString());
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Content-Length': String(body.length) };
  return { method: 'POST', url, headers, body, signal };
}

/** The value of Authorization for a user and password. */
export function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function tokenIn(body: string, host: string): Token {
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch (cause) {
    throw new GantryError('registry/protocol', `the token service ${host} answered no JSON`, { cause });
  }
  const field = (name: string): unknown =>
    typeof said === 'object' && said !== null ? (Reflect.get(said, name) as unknown) : undefined;
  const value = field('token') || field('access_token');
  if (typeof value !== 'string') throw new GantryError('registry/protocol', `the token service ${host} gave no token`);
  const seconds = field('expires_in');
  const life = typeof seconds === 'number' && seconds > 0 ? seconds * 1000 : DEFAULT_LIFE;
  const refresh = field('refresh_token');
  return { value, expires: Date.now() + life - MARGIN, refresh: typeof refresh === 'string' ? refresh : '' };
}
