// Shell patterns (`*`, `?`, `\`) on values: `${x#p}`, `${x%p}`, `${x/p/r}`. Matched by steps over the pattern, not
// by a regular expression, so that no pattern takes more than length times length.

type Token = { readonly kind: 'char'; readonly char: string } | { readonly kind: 'one' } | { readonly kind: 'many' };

/** Without the shortest (or longest) beginning that the pattern matches. */
export function cutPrefix(value: string, pattern: string, longest: boolean): string {
  const ends = matchEnds(value, tokensOf(pattern), 0);
  const end = longest ? ends.at(-1) : ends[0];
  return end === undefined ? value : value.slice(end);
}

/** Without the shortest (or longest) ending that the pattern matches. */
export function cutSuffix(value: string, pattern: string, longest: boolean): string {
  const reversed = Array.from(value).reverse().join('');
  const ends = matchEnds(reversed, tokensOf(pattern).toReversed(), 0);
  const end = longest ? ends.at(-1) : ends[0];
  return end === undefined ? value : value.slice(0, value.length - end);
}

/** With the first (or every) longest match replaced. */
export function replacePattern(
  value: string,
  { pattern, replacement, all }: { pattern: string; replacement: string; all: boolean },
): string {
  const tokens = tokensOf(pattern);
  let out = '';
  let at = 0;
  while (at <= value.length) {
    const end = matchEnds(value, tokens, at).at(-1);
    if (end === undefined || end === at) {
      out += value.charAt(at);
      at += 1;
      continue;
    }
    out += replacement;
    at = end;
    if (!all) break;
  }
  return out + value.slice(at);
}

function tokensOf(pattern: string): readonly Token[] {
  const tokens: Token[] = [];
  const chars = Array.from(pattern);
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? '';
    if (char === '*') tokens.push({ kind: 'many' });
    else if (char === '?') tokens.push({ kind: 'one' });
    else {
      if (char === '\\' && at + 1 < chars.length) at += 1;
      tokens.push({ kind: 'char', char: chars[at] ?? '' });
    }
  }
  return tokens;
}

/** Where in `value` a match that begins at `start` can end, in rising order. */
function matchEnds(value: string, tokens: readonly Token[], start: number): readonly number[] {
  let ends = new Set([start]);
  for (const token of tokens) {
    const next = new Set<number>();
    if (token.kind === 'many') {
      const first = Math.min(...ends);
      for (let at = first; at <= value.length; at += 1) next.add(at);
    } else {
      for (const at of ends) {
        const char = String.fromCodePoint(value.codePointAt(at) ?? 0);
        if (at < value.length && (token.kind === 'one' || token.char === char)) next.add(at + char.length);
      }
    }
    if (next.size === 0) return [];
    ends = next;
  }
  return [...ends].sort((a, b) => a - b);
}
