// docker's config.json: the credentials in it, and those of the helper programs it names. Everything else in it is kept as
// it is. Secrets are handed on and never shown.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Env } from '../base/env.ts';
import { GantryError } from '../base/error.ts';
import { runProcess } from '../base/process.ts';
import type { RegistryAuth } from './build.ts';

/** The key of docker.io in config files. */
const DOCKER_INDEX = 'https://index.docker.io/v1/';

type Json = Readonly<Record<string, unknown>>;

/** The key under which a registry's credentials are kept: the host, docker.io's index by its old URL. */
export function registryKey(host: string): string {
  const plain = host.replace(/^https?:\/\//, '').split('/')[0] ?? '';
  return ['', 'docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(plain) ? DOCKER_INDEX : plain;
}

/** The registry host of an image name. */
export function registryOf(reference: string): string {
  const [first = ''] = reference.split('/');
  return reference.includes('/') && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}

/** The credentials for a registry; undefined when there are none. Throws client/config. */
export async function findCredentials(env: Env, host: string): Promise<RegistryAuth | undefined> {
  const key = registryKey(host);
  const config = await readConfig(env);
  const helper = helperFor(config, key);
  if (helper !== undefined) return await askHelper(env, helper, key);
  const auths = recordOf(config['auths']);
  // other tools write keys with scheme and path
  const found = auths[key] ?? Object.entries(auths).find(([name]) => registryKey(name) === key)?.[1];
  const { auth, identitytoken, username, password } = textsOf(found);
  const [user, secret] = pairOf(auth) ?? [username, password];
  if (identitytoken !== undefined) return { ...named(user), identitytoken, serveraddress: key };
  return user === undefined ? undefined : { username: user, password: secret ?? '', serveraddress: key };
}

/** The credentials for every registry that the file names, by its key: what a build is sent. Throws client/config. */
export async function allCredentials(env: Env): Promise<Readonly<Record<string, RegistryAuth>>> {
  const config = await readConfig(env);
  const names = [config['auths'], config['credHelpers']].flatMap((part) => Object.keys(recordOf(part)));
  const keys = [...new Set(names.map(registryKey))];
  const found = await Promise.all(keys.map(async (key) => [key, await findCredentials(env, key)] as const));
  return Object.fromEntries(found.flatMap(([key, auth]) => (auth === undefined ? [] : [[key, auth]])));
}

/** Keeps credentials, in the helper or in the file. */
export async function storeCredentials(env: Env, host: string, auth: RegistryAuth): Promise<void> {
  const key = registryKey(host);
  const config = await readConfig(env);
  const helper = helperFor(config, key);
  const { username = '', password = '', identitytoken } = auth;
  if (helper !== undefined) {
    const isToken = identitytoken !== undefined && identitytoken !== '';
    const secret = {
      ServerURL: key,
      Username: isToken ? '<token>' : username,
      Secret: isToken ? identitytoken : password,
    };
    await runHelper(env, helper, { action: 'store', input: JSON.stringify(secret) });
    await writeConfig(env, { ...config, auths: { ...recordOf(config['auths']), [key]: {} } });
    return;
  }
  const entry = identitytoken
    ? { auth: Buffer.from(`${username}:`).toString('base64'), identitytoken }
    : { auth: Buffer.from(`${username}:${password}`).toString('base64') };
  await writeConfig(env, { ...config, auths: { ...recordOf(config['auths']), [key]: entry } });
}

/** Forgets credentials; false when there were none. */
export async function eraseCredentials(env: Env, host: string): Promise<boolean> {
  const key = registryKey(host);
  const config = await readConfig(env);
  const helper = helperFor(config, key);
  const auths = recordOf(config['auths']);
  const gone = Object.keys(auths).filter((name) => registryKey(name) === key);
  if (helper !== undefined) await runHelper(env, helper, { action: 'erase', input: key });
  if (gone.length === 0) return helper !== undefined;
  const left = Object.fromEntries(Object.entries(auths).filter(([name]) => !gone.includes(name)));
  await writeConfig(env, { ...config, auths: left });
  return true;
}

/** True when secrets will stand in the file as plain text. */
export async function keepsPlainText(env: Env, host: string): Promise<boolean> {
  return helperFor(await readConfig(env), registryKey(host)) === undefined;
}

/** Path of the file. */
export function configFile(env: Env): string {
  return join(env['DOCKER_CONFIG'] || join(env['HOME'] || '/root', '.docker'), 'config.json');
}

async function readConfig(env: Env): Promise<Json> {
  const file = configFile(env);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return {};
    throw new GantryError('client/config', `cannot read ${file}`, { cause: error });
  }
  try {
    return recordOf(text.trim() === '' ? {} : (JSON.parse(text) as unknown));
  } catch (cause) {
    throw new GantryError('client/config', `${file} is no JSON`, { cause, hint: 'mend it, or move it away' });
  }
}

/** All of it or nothing, for its owner alone. */
async function writeConfig(env: Env, config: Json): Promise<void> {
  const file = configFile(env);
  const draft = `${file}.${process.pid}`;
  try {
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify(config, null, '\t')}\n`, { mode: 0o600 });
    await rename(draft, file);
  } catch (cause) {
    throw new GantryError('client/config', `cannot write ${file}`, { cause });
  }
}

function helperFor(config: Json, key: string): string | undefined {
  const own = recordOf(config['credHelpers'])[key] ?? config['credsStore'];
  return typeof own === 'string' && own !== '' ? own : undefined;
}

async function askHelper(env: Env, helper: string, key: string): Promise<RegistryAuth | undefined> {
  const text = await runHelper(env, helper, { action: 'get', input: key });
  if (text === undefined) return undefined;
  const said = recordOf(JSON.parse(text) as unknown);
  const { Username: user, Secret: secret } = said;
  if (typeof user !== 'string' || typeof secret !== 'string') {
    throw new GantryError('client/config', `docker-credential-${helper} gave no user and secret`);
  }
  if (user === '<token>') return { identitytoken: secret, serveraddress: key };
  return { username: user, password: secret, serveraddress: key };
}

/** What the helper prints; undefined when it knows nothing of the registry. */
async function runHelper(
  env: Env,
  helper: string,
  { action, input }: { readonly action: string; readonly input: string },
): Promise<string | undefined> {
  const program = `docker-credential-${helper}`;
  if (!/^[\w.-]+$/.test(helper)) throw new GantryError('client/config', `invalid credential helper: ${helper}`);
  const { status, stdout } = await runProcess(program, [action], { input, env, maxOutput: 1024 * 1024 });
  if (status === 0) return stdout;
  if (/credentials not found/i.test(stdout)) return undefined;
  throw new GantryError('client/config', `${program} ${action} failed: ${stdout.trim().slice(0, 200)}`);
}

function recordOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function textsOf(
  value: unknown,
): Readonly<Record<'auth' | 'identitytoken' | 'username' | 'password', string | undefined>> {
  const record = recordOf(value);
  const text = (name: string): string | undefined => {
    const found = record[name];
    return typeof found === 'string' && found !== '' ? found : undefined;
  };
  return {
    auth: text('auth'),
    identitytoken: text('identitytoken'),
    username: text('username'),
    password: text('password'),
  };
}

/** `user:password` in base64. */
function pairOf(auth: string | undefined): readonly [string, string] | undefined {
  const text = Buffer.from(auth ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, '')];
}

function named(username: string | undefined): { readonly username?: string } {
  return username === undefined || username === '' ? {} : { username };
}
