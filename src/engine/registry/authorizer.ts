// The Authorization of requests to one registry: remembers what the registry asked for and the tokens it was given.
import { GantryError } from '../../base/error.ts';
import { parseChallenges, type Challenge } from './challenge.ts';
import { isSomebody, type Credentials } from './credentials.ts';
import { loginHint } from './failures.ts';
import { basic, fetchToken, type Token } from './tokens.ts';
import type { Transport } from './transport.ts';

/** Gives the header for a scope. */
export interface Authorizer {
  /** Learns from a 401; false when nothing it says can be answered. */
  challenged(header: string): boolean;
  /** Forgets a token that was refused. */
  forget(scopes: readonly string[]): void;
  /** The value of Authorization, "" for none. Throws registry/unauthorized. */
  header(scopes: readonly string[], signal: AbortSignal): Promise<string>;
}

/** An authorizer for one registry and one user. */
export function createAuthorizer(
  transport: Transport,
  { credentials, host }: { readonly credentials: Credentials; readonly host: string },
): Authorizer {
  const tokens = new Map<string, Promise<Token>>();
  let wanted: Challenge | undefined;
  const token = async (challenge: Challenge, scopes: readonly string[], signal: AbortSignal): Promise<Token> => {
    const key = scopes.join(' ');
    const known = await tokens.get(key);
    if (known !== undefined && known.expires > Date.now()) return known;
    // several layers ask at once: one token serves them all
    const fetched = fetchToken(transport, { challenge, credentials, scopes, signal });
    tokens.set(key, fetched);
    fetched.catch(() => tokens.delete(key));
    return await fetched;
  };
  return {
    challenged: (header) => {
      const found = chosen(parseChallenges(header));
      wanted = found ?? wanted;
      return found !== undefined;
    },
    forget: (scopes) => void tokens.delete(scopes.join(' ')),
    header: async (scopes, signal) => {
      if (credentials.registryToken !== '' && wanted !== undefined) return `Bearer ${credentials.registryToken}`;
      if (wanted === undefined) return '';
      if (wanted.scheme === 'bearer') return `Bearer ${(await token(wanted, scopes, signal)).value}`;
      if (isSomebody(credentials)) return basic(credentials);
      throw new GantryError('registry/unauthorized', 'no basic auth credentials', { hint: loginHint(host) });
    },
  };
}

/** A token before a password, as docker chooses. */
function chosen(challenges: readonly Challenge[]): Challenge | undefined {
  const find = (wanted: string): Challenge | undefined => challenges.find(({ scheme }) => scheme === wanted);
  return find('bearer') ?? find('basic');
}
