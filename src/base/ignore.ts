// `.dockerignore`: which paths of a folder are left out. Docker's own rules (moby/patternmatcher), not those of git:
// patterns are tried in order and the last that fits decides, `!` takes back in, parents count for what is below them.
import { compilePattern, type CompiledPattern } from './ignore-pattern.ts';

/** Answers for paths relative to the folder, with `/` between, without `./` before. */
export interface IgnoreMatcher {
  /** Is the path left out? */
  readonly ignores: (path: string) => boolean;
  /** Is the folder left out with all that can be below it, so that nobody needs to look inside? */
  readonly prunes: (folder: string) => boolean;
}

/** A matcher of patterns as `parseIgnoreFile` gives them. Throws client/bad-context for one that cannot be read. */
export function ignoreMatcher(patterns: readonly string[]): IgnoreMatcher {
  const compiled = patterns.map((pattern) => compilePattern(pattern)).filter((pattern) => pattern !== undefined);
  const kept = compiled.filter((pattern) => pattern.isKept);
  const ignores = (path: string): boolean => isIgnored(compiled, path);
  return {
    ignores,
    prunes: (folder) => ignores(folder) && !kept.some((pattern) => couldKeepBelow(pattern, folder)),
  };
}

/** The patterns of an ignore file's text: comments and empty lines gone, `/` at either end too. */
export function parseIgnoreFile(text: string): readonly string[] {
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  return lines.flatMap((line) => {
    const pattern = line.replace(/\r$/, '');
    if (pattern.startsWith('#')) return [];
    return pattern.trim() === '' ? [] : [pattern.trim()];
  });
}

function isIgnored(patterns: readonly CompiledPattern[], path: string): boolean {
  const names = path.split('/');
  const paths = names.map((_, index) => names.slice(0, names.length - index).join('/'));
  let ignored = false;
  for (const pattern of patterns) {
    // a pattern can only change what does not hold already
    if (pattern.isKept !== ignored) continue;
    if (paths.some((at) => pattern.matches(at))) ignored = !pattern.isKept;
  }
  return ignored;
}

/** Unless its letters before the first wildcard lead elsewhere, a `!` pattern may take back something below a folder. */
function couldKeepBelow({ literal, isLiteral }: CompiledPattern, folder: string): boolean {
  const below = `${folder}/`;
  if (isLiteral) return `${literal}/`.startsWith(below);
  return literal.startsWith(below) || below.startsWith(literal);
}
