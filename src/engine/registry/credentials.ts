// Credentials as clients send them: X-Registry-Auth (base64 of JSON, either alphabet) or the body of POST /auth.
// They live as long as one request and are never logged.
import { GantryError } from '../../base/error.ts';

/** Who asks. All "" for nobody. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** A refresh token, in place of a password. */
  readonly identityToken: string;
  /** A token to be sent as it is. */
  readonly registryToken: string;
  /** The registry they are for, as the client wrote it. */
  readonly serverAddress: string;
}

/** Nobody. */
export const ANONYMOUS: Credentials = {
  username: '',
  password: '',
  identityToken: '',
  registryToken: '',
  serverAddress: '',
};

const MAX_HEADER = 64 * 1024;

/** The credentials of an X-Registry-Auth header; one that cannot be read counts as none, as in docker. */
export function credentialsOf(header: string | undefined): Credentials {
  if (header === undefined || header === '' || header.length > MAX_HEADER) return ANONYMOUS;
  try {
    // Node's decoder takes both alphabets, with or without padding
    const value: unknown = JSON.parse(Buffer.from(header, 'base64').toString('utf8'));
    return credentialsFrom(value);
  } catch {
    return ANONYMOUS;
  }
}

/** The credentials in a JSON object with docker's field names. Throws engine/bad-parameter for anything else. */
export function credentialsFrom(value: unknown): Credentials {
  if (typeof value !== 'object' || value === null) {
    throw new GantryError('engine/bad-parameter', 'credentials must be a JSON object');
  }
  const fields = new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field as unknown]));
  const text = (name: string): string => {
    const field = fields.get(name);
    return typeof field === 'string' ? field : '';
  };
  const [user = '', password = ''] = splitPair(Buffer.from(text('auth'), 'base64').toString('utf8'));
  return {
    username: text('username') || user,
    password: text('password') || password,
    identityToken: text('identitytoken'),
    registryToken: text('registrytoken'),
    serverAddress: text('serveraddress'),
  };
}

/** True when there is something to show. */
export function isSomebody({ username, identityToken, registryToken }: Credentials): boolean {
  return username !== '' || identityToken !== '' || registryToken !== '';
}

function splitPair(text: string): readonly string[] {
  const colon = text.indexOf(':');
  return colon < 0 ? [] : [text.slice(0, colon), text.slice(colon + 1)];
}
