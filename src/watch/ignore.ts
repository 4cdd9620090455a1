// Which paths a watch rule leaves out: patterns with the meaning of .dockerignore, a build context's own ignore file,
// and what editors and tools leave for a moment. Knows no rules and no containers.
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import dockerignore from '@balena/dockerignore';
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
export function patternMatcher(base: string, lines: readonly string[]): PathMatcher {
  const patterns = lines.map(cleanPattern).filter((pattern) => pattern !== '');
  if (patterns.length === 0) return NOTHING;
  const ignore = dockerignore.default().add([...patterns]);
  const exceptions = patterns.filter((pattern) => pattern.startsWith('!')).map(literalStart);
  const matches = (path: string): boolean => {
    const name = relative(base, path);
    return name !== '' && !isOutside(name) && ignore.ignores(name);
  };
  return {
    matches,
    matchesWhole: (folder) => {
      const name = `${relative(base, folder)}/`;
      return matches(folder) && !exceptions.some((start) => start.startsWith(name) || name.startsWith(start));
    },
  };
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
  const names = [`${build.dockerfile ?? 'Dockerfile'}.dockerignore`, '.dockerignore'];
  for (const name of names) {
    const text = await readIfThere(join(build.context, name));
    if (text !== undefined) return patternMatcher(build.context, text.split('\n').filter(isNoComment));
  }
  return NOTHING;
}

/** What vim, Emacs, JetBrains' and KDE's editors and the go tool make for a moment, and `.git`: as docker compose. */
export const PASSING: PathMatcher = {
  matches: (path) => path.split('/').some((name) => PASSING_NAMES.some((pattern) => pattern.test(name))),
  matchesWhole: (folder) => PASSING.matches(folder),
};

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

function cleanPattern(line: string): string {
  const text = line.trim();
  const negated = text.startsWith('!');
  const body = (negated ? text.slice(1) : text)
    .trim()
    .replace(/^(\.?\/)+/, '')
    .replace(/\/+$/, '');
  return body === '' || body === '.' ? '' : `${negated ? '!' : ''}${body}`;
}

/** The part of an exception before its first wildcard: it can only match below or above this. */
function literalStart(pattern: string): string {
  return pattern.slice(1).replace(/[*?[\\].*$/s, '');
}

const isOutside = (name: string): boolean => name === '..' || name.startsWith('../');
const isNoComment = (line: string): boolean => !line.startsWith('#');

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
}
