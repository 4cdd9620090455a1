// The first file of the built command line: lets Node keep the compiled bundle in the user's own cache folder (never in a
// shared one, since what is read from there is run), then loads the bundle. Saves a third of every start.
import { statSync } from 'node:fs';
import { createRequire, enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { processEnv } from '../base/env.ts';

const env = processEnv();
const home = env['HOME'];
const cache = env['XDG_CACHE_HOME'] ?? (home === undefined || home === '' ? undefined : join(home, '.cache'));
if (cache !== undefined && isOwn(join(cache, 'gantry'))) enableCompileCache(join(cache, 'gantry', 'compiled'));
createRequire(import.meta.url)('./cli.cjs');

/** Made by the launcher. With sudo it may be another user's, who could make root run anything, or be out of reach. */
function isOwn(folder: string): boolean {
  try {
    const found = statSync(folder);
    return found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
  } catch {
    return false;
  }
}
