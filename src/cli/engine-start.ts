// Sees to it that gantry's own engine runs: starts it when nobody answers, replaces one of an older version.
// Containers do not depend on the engine's process, so replacing it stops none of them.
import { closeSync, existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { CODES, type ErrorCode } from '../base/codes.ts';
import type { Env } from '../base/env.ts';
import { GantryError, isGantryError, messageOf } from '../base/error.ts';
import { makeFolder } from '../base/make-folder.ts';
import { enginePaths, type EnginePaths } from '../base/paths.ts';
import { startProcess } from '../base/process.ts';
import { VERSION } from '../base/version.ts';
import { installEngine, removeOtherEngines, type InstalledEngine } from './engine-install.ts';
import { isOlder, probeEngine } from './engine-probe.ts';

/** What `ensureEngine` works with. */
export interface EnsureEngine {
  readonly env: Env;
  readonly signal: AbortSignal;
}

/** How long another engine may take to leave or to come up, and how often it is looked at, in ms. */
const PATIENCE = 20_000;
const STEP = 25;

/** Variables the engine is given; its environment is clean otherwise. */
const PASSED = [
  'GANTRY_DATA',
  'GANTRY_RUN',
  'GANTRY_LOG',
  'GANTRY_IDLE_SECONDS',
  // how registries are reached
  'GANTRY_CONFIG',
  'GANTRY_REGISTRY_MIRRORS',
  'GANTRY_INSECURE_REGISTRIES',
  'SSL_CERT_FILE',
  'NODE_EXTRA_CA_CERTS',
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
];
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Resolves when an engine of at least this version answers. Throws engine/not-root, or what the engine says. */
export async function ensureEngine({ env, signal }: EnsureEngine): Promise<void> {
  const paths = enginePaths(env);
  const end = Date.now() + PATIENCE;
  while (Date.now() < end) {
    const probe = await probeEngine(paths.socket);
    signal.throwIfAborted();
    if (probe.state === 'denied') throw notRoot('only root and the group gantry may use the gantry engine');
    if (probe.state === 'answers' && !isOlder(probe.version, VERSION)) return;
    if (probe.state === 'answers') await probeEngine(paths.socket, 'POST /gantry/shutdown');
    else if (await startEngine(paths, env)) return;
    await delay(STEP, undefined, { signal });
  }
  throw new GantryError('engine/unavailable', `the engine at ${paths.socket} neither answers nor lets another start`, {
    hint: `see ${join(paths.data, 'engine.log')}`,
  });
}

/** True when it runs now, false when another engine holds the lock (one is starting or leaving). */
async function startEngine(paths: EnginePaths, env: Env): Promise<boolean> {
  if (process.getuid?.() !== 0) throw notRoot('the gantry engine is not running, and only root can start it');
  const isNew = !existsSync(paths.data);
  try {
    makeDataFolder(paths.data);
    const engine = await installEngine(paths.data);
    await launch(engine, paths, env);
    await removeOtherEngines(paths.data, engine);
    return true;
  } catch (error) {
    if (isGantryError(error, 'engine/already-running')) return false;
    // what this host cannot run leaves nothing behind
    if (isNew) rmSync(paths.data, { recursive: true, force: true });
    throw error;
  }
}

function makeDataFolder(data: string): void {
  try {
    makeFolder(data, 0o700);
  } catch (cause) {
    throw new GantryError('engine/unsupported-host', `cannot make the data folder ${data}: ${messageOf(cause)}`, {
      hint: 'choose another one with GANTRY_DATA',
      cause,
    });
  }
}

function notRoot(message: string): GantryError {
  return new GantryError('engine/not-root', message, { hint: 'run the command with sudo' });
}

async function launch(engine: InstalledEngine, paths: EnginePaths, env: Env): Promise<void> {
  const words = join(paths.data, 'engine.stderr');
  const fd = openSync(words, 'w', 0o600);
  const child = startProcess(engine.node, ['--max-semi-space-size=2', engine.main], {
    cwd: '/',
    detached: true,
    env: engineEnv(env),
    stdio: ['ignore', 'ignore', fd, 'pipe'],
  });
  closeSync(fd);
  const failed = new Promise<never>((_resolve, reject) =>
    child.once('error', (cause) =>
      reject(new GantryError('engine/internal', `cannot run ${engine.node}: ${cause.message}`, { cause })),
    ),
  );
  const line = await Promise.race([firstLine(child.stdio[3] as Readable), failed]);
  child.unref();
  if (line !== 'ready') throw startFailure(line, words);
}

function engineEnv(env: Env): Record<string, string> {
  const passed = PASSED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  return { PATH, ...(Object.fromEntries(passed) as Record<string, string>) };
}

/** What the engine says when it is ready or cannot be; "" when it ended without a word. */
async function firstLine(pipe: Readable): Promise<string> {
  let text = '';
  for await (const chunk of pipe) {
    text += String(chunk);
    if (text.includes('\n') || text.length > 64 * 1024) break;
  }
  return text.split('\n')[0] ?? '';
}

function startFailure(line: string, words: string): GantryError {
  const said = line.startsWith('{') ? (JSON.parse(line) as Readonly<Record<string, unknown>>) : {};
  const { code, message, hint } = said;
  if (typeof message === 'string') {
    const known = typeof code === 'string' && code in CODES ? (code as ErrorCode) : 'engine/internal';
    return new GantryError(known, message, typeof hint === 'string' ? { hint } : {});
  }
  const last = readFileSync(words, 'utf8').trim().split('\n').slice(-5).join('\n');
  return new GantryError('engine/internal', `the engine ended while it started${last === '' ? '' : `: ${last}`}`, {
    hint: `see ${words}`,
  });
}
