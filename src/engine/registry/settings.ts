// What the operator says of registries: `daemon.json` in the shape of docker's, and the environment the engine was started
// with. Read anew for every transfer, so that an edit needs no restart.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Env } from '../../base/env.ts';
import { GantryError } from '../../base/error.ts';
import { proxiesOf, type ProxySettings } from './proxy.ts';

/** How registries are reached. */
export interface RegistrySettings {
  /** URLs asked before docker.io's own registry. */
  readonly mirrors: readonly string[];
  /** `HOST[:PORT]` or networks whose certificates are not checked, and that may speak plain http. */
  readonly insecure: readonly string[];
  /** Folders with `HOST:PORT/*.crt`, the first that has one for a host counts. */
  readonly certificates: readonly string[];
  /** Path of a file with certificate authorities, over the system's; "" for none. */
  readonly caFile: string;
  readonly proxies: ProxySettings;
}

const FOLDER = '/etc/gantry';
const DOCKER_CERTIFICATES = '/etc/docker/certs.d';

/** Reads the settings. Throws engine/bad-parameter for a file that cannot be understood. */
export async function registrySettings(env: Env): Promise<RegistrySettings> {
  const folder = env['GANTRY_CONFIG'] || FOLDER;
  const file = join(folder, 'daemon.json');
  const said = await readSettings(file);
  const fromEnv = proxiesOf(env);
  const proxies = recordAt(said, 'proxies', file);
  return {
    mirrors: [...words(env['GANTRY_REGISTRY_MIRRORS']), ...listAt(said, 'registry-mirrors', file)],
    insecure: [...words(env['GANTRY_INSECURE_REGISTRIES']), ...listAt(said, 'insecure-registries', file)],
    certificates: [join(folder, 'certs.d'), DOCKER_CERTIFICATES],
    caFile: env['SSL_CERT_FILE'] ?? '',
    proxies: {
      http: textAt(proxies, 'http-proxy', file) ?? fromEnv.http,
      https: textAt(proxies, 'https-proxy', file) ?? fromEnv.https,
      none: textAt(proxies, 'no-proxy', file) ?? fromEnv.none,
    },
  };
}

type Said = Readonly<Record<string, unknown>>;

async function readSettings(file: string): Promise<Said> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return {};
    throw new GantryError('engine/internal', `cannot read ${file}`, { cause: error });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (cause) {
    throw wrong(file, 'it is no JSON', cause);
  }
  throw wrong(file, 'it is no object');
}

function listAt(said: Said, key: string, file: string): readonly string[] {
  const value = said[key] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
    throw wrong(file, `"${key}" must be a list of strings`);
  }
  return value;
}

function recordAt(said: Said, key: string, file: string): Said {
  const value = said[key] ?? {};
  if (!isRecord(value)) throw wrong(file, `"${key}" must be an object`);
  return value;
}

function textAt(said: Said, key: string, file: string): string | undefined {
  const value = said[key];
  if (value === undefined || typeof value === 'string') return value;
  throw wrong(file, `"${key}" must be a string`);
}

function words(text = ''): readonly string[] {
  return text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
}

function isRecord(value: unknown): value is Said {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(file: string, what: string, cause?: unknown): GantryError {
  return new GantryError('engine/bad-parameter', `${file}: ${what}`, cause === undefined ? {} : { cause });
}
