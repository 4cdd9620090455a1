// Which filter a container gets: the default profile, one the user gave as JSON, or none. Programs are made once for
// each distinct profile, capability set and kernel.
import { GantryError } from '../../../base/error.ts';
import { compileProfile, MAX_INSTRUCTIONS } from './compile.ts';
import { DEFAULT_PROFILE } from './default-profile.ts';
import { parseProfile } from './parse-profile.ts';
import type { FilterFacts } from './profile.ts';

/** How many programs are kept. */
const MAX_CACHED = 32;
const cache = new Map<string, Buffer>();

/** The program for a container, or nothing when it runs unconfined. `profile`: "" or `builtin`, `unconfined`, or a profile's JSON. */
export function seccompProgram(profile: string, facts: FilterFacts): Buffer | undefined {
  if (profile === 'unconfined') return undefined;
  const key = JSON.stringify([profile, facts]);
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = compileProfile(profile === '' || profile === 'builtin' ? DEFAULT_PROFILE : parseProfile(profile), facts);
  if (made.length > MAX_INSTRUCTIONS * 8) {
    throw new GantryError('engine/bad-parameter', 'seccomp profile is too large for the kernel');
  }
  if (cache.size >= MAX_CACHED) cache.clear();
  cache.set(key, made);
  return made;
}
