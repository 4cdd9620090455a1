// Which paths a watch rule leaves out: patterns with the meaning of .dockerignore, a build context's own ignore file,
// and what editors and tools leave for a moment. Knows no rules and no containers.
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { ignoreMatcher } from '../base/ignore.ts';
import { readIgnoreFile } from '../client/context/ignore-file.ts';
import type { Build } from '../compose/model/build.ts';

/** Says of absolute paths whether they match. */
export interface PathMatcher {
  matches(path: string): boolean;
  /** True when the folder and all that can ever be below it match: nobody needs to look inside. */
  matchesWhole(folder: string): boolean;
}

/** Matches nothing. */
export const NOTHING: PathMatcher = { matches: () => false, matchesWhole: () => false };

/** Paths below `base` that the patterns match, themselves or by a folder above them; a later `!` takes back. */
export function patternMatcher(base: string, patterns: readonly string[]): PathMatcher {
  if (patterns.length === 0) return NOTHING;
  const ignore = ignoreMatcher(patterns);
  const ask =
    (answer: (name: string) => boolean) =>
    (path: string): boolean => {
      const name = relative(base, path);
      return name !== '' && name !== '..' && !name.startsWith('../') && answer(name);
    };
  return { matches: ask(ignore.ignores), matchesWhole: ask(ignore.prunes) };
}

/** Matches what any of them matches. */
export function anyOf(matchers: readonly PathMatcher[]): PathMatcher {
  return {
    matches: (path) => matchers.some((matcher) => matcher.matches(path)),
    matchesWhole: (folder) => matchers.some((matcher) => matcher.matchesWhole(folder)),
  };
}

/** The ignore file of a build context: the Dockerfile's own, else `.dockerignore`; nothing for a remote context. */
export async function contextIgnores(build: Build | undefined): Promise<PathMatcher> {
  if (build?.context?.startsWith('/') !== true) return NOTHING;
  const { patterns } = await readIgnoreFile(build.context, join(build.context, build.dockerfile ?? 'Dockerfile'));
  return patternMatcher(await realpathSoFar(build.context), patterns);
}

/** What vim, Emacs, JetBrains' and KDE's editors and the go tool make for a moment, and `.git`: as docker compose. */
export function passing(base: string): PathMatcher {
  const matches = (path: string): boolean =>
    relative(base, path)
      .split('/')
      .some((name) => PASSING_NAMES.some((pattern) => pattern.test(name)));
  return { matches, matchesWhole: matches };
}

/** The path with symlinks resolved as far as it exists. */
export async function realpathSoFar(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const above = dirname(path);
    return above === path ? path : join(await realpathSoFar(above), basename(path));
  }
}

const PASSING_NAMES: readonly RegExp[] = [
  /^\.git$/,
  /^4913$/,
  /~$/,
  /^\..*\.sw[pxon]$/,
  /^\.#/,
  /^#.*#$/,
  /___jb_(old|tmp)___$/,
  /^\.idea$/,
  /^\..*\.kate-swp$/,
  /-go-tmp-umask$/,
];
