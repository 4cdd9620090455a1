// Checks credentials against a registry (POST /auth). Keeps nothing: where they are stored is the client's own.
import type { Env } from '../../base/env.ts';
import { GantryError } from '../../base/error.ts';
import { parseChallenges } from './challenge.ts';
import { isSomebody, type Credentials } from './credentials.ts';
import { endpointsOf } from './endpoints.ts';
import { registrySettings } from './settings.ts';
import { basic, fetchToken } from './tokens.ts';
import { createTransport, type Transport } from './transport.ts';

/** What a login gives. */
export interface Login {
  readonly Status: string;
  /** A refresh token to be kept instead of the password; "" for none. */
  readonly IdentityToken: string;
}

const SUCCESS = 'Login Succeeded';

/** Logs in. Throws engine/unauthorized when the registry refuses. */
export async function login(
  env: Env,
  credentials: Credentials,
  { signal }: { readonly signal: AbortSignal },
): Promise<Login> {
  const transport = createTransport(await registrySettings(env));
  try {
    const failures: unknown[] = [];
    for (const { base } of endpointsOf(transport.settings, loginDomain(credentials.serverAddress), { write: true })) {
      try {
        return await loginAt(transport, base, { credentials, signal });
      } catch (error) {
        if (error instanceof GantryError && error.code === 'engine/unauthorized') throw error;
        failures.push(error);
      }
    }
    throw failures.at(-1);
  } finally {
    transport.close();
  }
}

/** The domain of what clients call a server: a host, a URL, or docker's index. */
function loginDomain(address: string): string {
  const host = address.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  return ['', 'index.docker.io', 'docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host;
}

interface Asking {
  readonly credentials: Credentials;
  readonly signal: AbortSignal;
}

async function loginAt(transport: Transport, base: string, { credentials, signal }: Asking): Promise<Login> {
  const url = new URL(`${base}/v2/`);
  const ping = await transport.send({ method: 'GET', url, signal });
  ping.resume();
  if (ping.statusCode !== 401) return { Status: SUCCESS, IdentityToken: '' };
  const challenges = parseChallenges(ping.headers['www-authenticate'] ?? '');
  const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
  if (bearer === undefined) return await loginBasic(transport, url, { credentials, signal });
  try {
    const token = await fetchToken(transport, { challenge: bearer, credentials, scopes: [], offline: true, signal });
    return { Status: SUCCESS, IdentityToken: credentials.identityToken === '' ? token.refresh : '' };
  } catch (error) {
    if (error instanceof GantryError && error.code === 'registry/unauthorized') throw refused(url, error.message);
    throw error;
  }
}

async function loginBasic(transport: Transport, url: URL, { credentials, signal }: Asking): Promise<Login> {
  if (!isSomebody(credentials)) throw refused(url, 'no basic auth credentials');
  const answer = await transport.send({ method: 'GET', url, headers: { Authorization: basic(credentials) }, signal });
  answer.resume();
  if (answer.statusCode === 200) return { Status: SUCCESS, IdentityToken: '' };
  throw refused(url, `login attempt to ${url.href} failed with status: ${answer.statusCode ?? 0} Unauthorized`);
}

function refused(url: URL, said: string): GantryError {
  return new GantryError('engine/unauthorized', said, { details: { registry: url.host } });
}
