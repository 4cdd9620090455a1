// Image references as docker's distribution grammar has them. Pure; the strict patterns here are what keeps names out of paths.
import { GantryError } from '../../base/error.ts';

/** A reference with its defaults filled in. */
export interface ImageReference {
  /** `docker.io`, `localhost:5000`, … */
  readonly domain: string;
  /** `library/busybox` */
  readonly path: string;
  readonly tag?: string;
  /** `sha256:` and 64 hex digits */
  readonly digest?: string;
}

const DEFAULT_DOMAIN = 'docker.io';
const OFFICIAL = 'library/';
const MAX_NAME = 255;

const DOMAIN =
  /^(?:localhost|(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const HEX64 = /^[0-9a-f]{64}$/;

/** True for `sha256:` and 64 lower-case hex digits. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** Parses what a user wrote; neither tag nor digest is added. Throws engine/bad-parameter with docker's texts. */
export function parseReference(text: string): ImageReference {
  if (text.length > 1024) throw invalid();
  if (HEX64.test(text)) {
    throw new GantryError(
      'engine/bad-parameter',
      `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`,
    );
  }
  const [beforeDigest, digest] = cut(text, text.indexOf('@'));
  const colon = beforeDigest.lastIndexOf(':');
  const [name, tag] = cut(beforeDigest, colon > beforeDigest.lastIndexOf('/') ? colon : -1);
  if (digest !== undefined && !DIGEST.test(digest)) throw invalid();
  if (tag !== undefined && !TAG.test(tag)) throw invalid();
  return { ...splitName(name), ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The same with `latest` when there is neither tag nor digest. */
export function withDefaultTag(ref: ImageReference): ImageReference {
  return ref.tag === undefined && ref.digest === undefined ? { ...ref, tag: 'latest' } : ref;
}

/** A repository and a tag given apart, as the API has them; "" for none. */
export function repositoryTag(repo: string, tag: string): ImageReference | undefined {
  if (repo === '') return undefined;
  const ref = parseReference(repo);
  if (ref.digest !== undefined) throw new GantryError('engine/bad-parameter', 'cannot import digest reference');
  if (tag === '') return withDefaultTag(ref);
  if (!TAG.test(tag)) throw new GantryError('engine/bad-parameter', 'invalid tag format');
  return { domain: ref.domain, path: ref.path, tag };
}

/** The full form, the key in the table of tags. A digest wins over a tag. */
export function canonicalName(ref: ImageReference): string {
  const name = `${ref.domain}/${ref.path}`;
  return ref.digest !== undefined ? `${name}@${ref.digest}` : `${name}:${ref.tag ?? 'latest'}`;
}

/** The short form people know: without docker.io and library. */
export function familiarName(ref: ImageReference): string {
  const name = familiarRepository(ref);
  const tag = ref.tag === undefined ? '' : `:${ref.tag}`;
  return ref.digest === undefined ? name + tag : `${name}${tag}@${ref.digest}`;
}

/** The short form of the repository alone. */
export function familiarRepository(ref: ImageReference): string {
  if (ref.domain !== DEFAULT_DOMAIN) return `${ref.domain}/${ref.path}`;
  const official = ref.path.startsWith(OFFICIAL) && !ref.path.slice(OFFICIAL.length).includes('/');
  if (official) return ref.path.slice(OFFICIAL.length);
  return looksLikeHost(ref.path.split('/')[0] ?? '') ? `${ref.domain}/${ref.path}` : ref.path;
}

/** `before` and what follows the character at `index`; a negative index cuts nothing. */
function cut(text: string, index: number): [string, string | undefined] {
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)];
}

function splitName(name: string): { domain: string; path: string } {
  const [domain, path] = splitDomain(name);
  if (!DOMAIN.test(domain)) throw invalid();
  if (!PATH.test(path)) {
    if (!PATH.test(path.toLowerCase())) throw invalid();
    throw new GantryError(
      'engine/bad-parameter',
      `invalid reference format: repository name (${path}) must be lowercase`,
    );
  }
  if (domain.length + 1 + path.length > MAX_NAME) {
    throw new GantryError('engine/bad-parameter', `repository name must not be more than ${MAX_NAME} characters`);
  }
  return { domain, path };
}

function looksLikeHost(component: string): boolean {
  return /[.:A-Z]/.test(component) || component === 'localhost';
}

function splitDomain(name: string): [string, string] {
  const [first, rest] = cut(name, name.indexOf('/'));
  const isHost = rest !== undefined && looksLikeHost(first);
  const domain = isHost ? first : DEFAULT_DOMAIN;
  const path = isHost ? rest : name;
  if (domain !== DEFAULT_DOMAIN && domain !== 'index.docker.io') return [domain, path];
  return [DEFAULT_DOMAIN, path.includes('/') ? path : OFFICIAL + path];
}

function invalid(): GantryError {
  return new GantryError('engine/bad-parameter', 'invalid reference format');
}

/** The first 12 digits of a digest or id, by which people tell images and layers apart. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}
