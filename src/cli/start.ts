// The first file of the built command line: runs the bundle with compiled code that an earlier run of the same verb left in
// the user's own cache folder (never in a shared one, since what is read from there is run). Node's own compile cache
// keeps only what was compiled at loading; this keeps every function that ran, a quarter of the time of `up`.
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { processEnv } from '../base/env.ts';
import { verbWord } from './verb-word.ts';

/** A hash of the bundle, put in when it is built: V8 itself compares no more than lengths. */
declare const BUNDLE_ID: string;

/** One file a word that looks like a verb; what else is typed there must not fill the disk. */
const MAX_FILES = 60;

const env = processEnv();
const home = env['HOME'];
const caches = env['XDG_CACHE_HOME'] ?? (home === undefined || home === '' ? undefined : join(home, '.cache'));
const folder = caches !== undefined && isOwn(join(caches, 'gantry')) ? join(caches, 'gantry', 'compiled') : undefined;
run();

function run(): void {
  const filename = join(__dirname, 'cli.cjs');
  const path =
    folder === undefined
      ? undefined
      : join(folder, `${BUNDLE_ID}-${process.version}-${verbWord(process.argv.slice(2))}`);
  const cachedData = path === undefined ? undefined : read(path);
  // the bundle is one function of `require`, in ASCII
  const script = new Script(readFileSync(filename, 'latin1'), { filename, ...(cachedData && { cachedData }) });
  (script.runInThisContext() as (from: typeof load, file: string) => void)(load, filename);
  if (path !== undefined && (cachedData === undefined || script.cachedDataRejected === true))
    process.on('exit', () => keep(path, script));
}

/** What the bundle requires: a package that lies beside it, or one of Node's own modules, which `require` would give
 * with hooks and as an ES module too. */
function load(name: string): unknown {
  return name.startsWith('./') ? createRequire(__filename)(name) : process.getBuiltinModule(name);
}

function read(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined; // not there yet
  }
}

/** Nobody is told of a failure: without the cache everything works, only slower. */
function keep(path: string, script: Script): void {
  try {
    const at = dirname(path);
    mkdirSync(at, { recursive: true, mode: 0o700 });
    const found = readdirSync(at).map((name) => join(at, name));
    const fresh = found.filter((file) => file.startsWith(join(at, `${BUNDLE_ID}-`)));
    for (const file of fresh.length < MAX_FILES ? found.filter((file) => !fresh.includes(file)) : found) remove(file);
    writeFileSync(`${path}.${process.pid}`, script.createCachedData(), { mode: 0o600, flag: 'wx' });
    renameSync(`${path}.${process.pid}`, path);
  } catch {
    // a full disk or a read-only home
  }
}

function remove(path: string): void {
  if (statSync(path).isFile()) unlinkSync(path);
}

/** Made by the launcher. With sudo it may be another user's, who could make root run anything, or be out of reach. */
function isOwn(path: string): boolean {
  try {
    const found = statSync(path);
    return found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
