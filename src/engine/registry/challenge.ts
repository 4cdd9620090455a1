// Reads WWW-Authenticate (RFC 9110 §11.6.1): which scheme a registry wants and where tokens come from. Pure.

/** One scheme with its parameters, names in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const VALUE = /\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y;
const MAX_HEADER = 16 * 1024;

/** The challenges of a header, in order; what cannot be read is left out. */
export function parseChallenges(header: string): readonly Challenge[] {
  const text = header.slice(0, MAX_HEADER);
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  while (at < text.length) {
    const name = match(TOKEN, text, at)?.[0];
    if (name === undefined) {
      at += 1;
      continue;
    }
    const value = match(VALUE, text, at + name.length);
    const current = challenges.at(-1);
    // a word with a value belongs to the scheme before it, a word alone begins a new one
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    else if (current !== undefined) {
      current.parameters[name.toLowerCase()] = value[2] ?? (value[1] ?? '').replace(/\\(.)/g, '$1');
    }
    at += name.length + (value?.[0].length ?? 0);
  }
  return challenges;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
