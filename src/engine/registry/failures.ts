// What goes wrong with registries, in docker's words where it has some, with what a person can do about it.
import { GantryError, messageOf } from '../../base/error.ts';
import type { Outgoing } from './transport.ts';

/** A repository, for the texts. */
export interface Asked {
  /** The host as people write it. */
  readonly domain: string;
  /** The name as people write it, without tag. */
  readonly name: string;
  /** Tag or digest. */
  readonly tag: string;
}

/** One entry of a registry's `{"errors": […]}`. */
export interface RegistryProblem {
  readonly code: string;
  readonly message: string;
}

/** Why a connection failed. An abort stays what it is. */
export function connectionFailure(error: unknown, { method, url, signal }: Outgoing, folder: string): unknown {
  if (signal.aborted || error instanceof GantryError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const what = `${method === 'HEAD' ? 'Head' : capital(method)} "${url.origin}${url.pathname}"`;
  const row = CAUSES[code];
  const [why, hint] = row ?? (isCertificate(code) ? [messageOf(error), 'certificate'] : [messageOf(error), undefined]);
  const text = hint === 'certificate' ? `put the authority's certificate into ${folder}/ca.crt` : hint;
  return new GantryError('registry/unreachable', `${what}: ${why.replace('%h', url.host)}`, {
    cause: error,
    details: { code },
    ...(text === undefined ? {} : { hint: text.replace('%h', url.host) }),
  });
}

const NETWORK = 'is the name right, and is the network there?';

/** By Node's code: docker's words, and a hint. */
const CAUSES: Readonly<Record<string, readonly [string, string]>> = {
  ENOTFOUND: ['lookup %h: no such host', NETWORK],
  EAI_AGAIN: ['lookup %h: the name server does not answer', NETWORK],
  ECONNREFUSED: ['dial tcp %h: connect: connection refused', 'is a registry running at %h?'],
  EHOSTUNREACH: ['dial tcp %h: connect: no route to host', NETWORK],
  ENETUNREACH: ['dial tcp %h: connect: network is unreachable', NETWORK],
  ETIMEDOUT: ['dial tcp %h: i/o timeout', NETWORK],
  EPROTO: [
    'http: server gave HTTP response to HTTPS client',
    'a registry at %h without TLS must stand in "insecure-registries" of daemon.json',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: [
    'http: server gave HTTP response to HTTPS client',
    'a registry at %h without TLS must stand in "insecure-registries" of daemon.json',
  ],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: [
    'http: server gave HTTP response to HTTPS client',
    'a registry at %h without TLS must stand in "insecure-registries" of daemon.json',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['tls: failed to verify certificate: x509: it is self-signed', 'certificate'],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'certificate',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'certificate',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'certificate',
  ],
  CERT_HAS_EXPIRED: [
    'tls: failed to verify certificate: x509: certificate has expired',
    'the registry needs a new certificate; is the clock right?',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'tls: failed to verify certificate: x509: certificate is not valid for %h',
    'use a name that the certificate has',
  ],
};

function isCertificate(code: string): boolean {
  return code.includes('CERT') || code.includes('SIGNATURE');
}

function capital(method: string): string {
  return method.charAt(0) + method.slice(1).toLowerCase();
}

/** The failure for an answer that was not what was asked for. */
export function answerFailure(status: number, problems: readonly RegistryProblem[], asked: Asked): GantryError {
  const [first] = problems;
  const said = first === undefined ? `status ${status}` : problemText(first);
  if (status === 401 || status === 403 || first?.code === 'NAME_UNKNOWN') return denied(asked, said);
  if (status === 404) return manifestNotFound(asked, said);
  if (status === 429) {
    return new GantryError(
      'registry/rate-limited',
      `toomanyrequests: ${first?.message ?? 'the registry asks to wait'}`,
      {
        hint: `wait, or log in: gantry login ${asked.domain}`,
      },
    );
  }
  return new GantryError('registry/protocol', `${asked.domain}: received unexpected HTTP status: ${status}: ${said}`);
}

/** The repository is not there, or not for this user: registries do not tell which. */
export function denied(asked: Asked, said: string): GantryError {
  return new GantryError(
    'registry/denied',
    `pull access denied for ${asked.name}, repository does not exist or may require 'docker login': ${said}`,
    { hint: loginHint(asked.domain) },
  );
}

function manifestNotFound({ name, tag }: Asked, said: string): GantryError {
  const separator = tag.includes(':') ? '@' : ':';
  const text = said.startsWith('manifest unknown') ? said : 'manifest unknown: manifest unknown';
  return new GantryError('registry/not-found', `manifest for ${name}${separator}${tag} not found: ${text}`);
}

/** `manifest unknown: manifest unknown`, as Go prints an error of the registry. */
export function problemText({ code, message }: RegistryProblem): string {
  const name = code.toLowerCase().replaceAll('_', ' ');
  return message === '' ? name : `${name}: ${message}`;
}

/** The command that gives the engine credentials for a host. */
export function loginHint(domain: string): string {
  return domain === 'docker.io' ? 'gantry login' : `gantry login ${domain}`;
}

/** The problems in the body of an answer; none when it is something else. */
export function problemsIn(body: string): readonly RegistryProblem[] {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return []; // a proxy's page, or nothing
  }
  if (typeof value !== 'object' || value === null) return [];
  const list: unknown = 'errors' in value ? value.errors : [value];
  if (!Array.isArray(list)) return [];
  return list.flatMap((item: unknown) => problemOf(item));
}

function problemOf(item: unknown): readonly RegistryProblem[] {
  if (typeof item !== 'object' || item === null) return [];
  const text = (name: string): string => {
    const value: unknown = Reflect.get(item, name);
    return typeof value === 'string' ? value.slice(0, 500) : '';
  };
  const message = text('message') || text('details') || text('detail');
  const code = text('code');
  return code === '' && message === '' ? [] : [{ code: code || 'UNKNOWN', message }];
}
