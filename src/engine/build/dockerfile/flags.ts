// Flags of instructions: which there are, and which only BuildKit's builder can do.
import { nearest } from '../../../base/did-you-mean.ts';
import { parseError } from './failure.ts';
import type { Flag, Keyword } from './types.ts';

/** `refused`: BuildKit's own; saying so is better than a build that leaves it out. */
type FlagKind = 'value' | 'boolean' | 'refused';

const FLAGS: Readonly<Partial<Record<Keyword, Readonly<Record<string, FlagKind>>>>> = {
  ADD: {
    chmod: 'value',
    chown: 'value',
    link: 'boolean',
    checksum: 'refused',
    exclude: 'refused',
    'keep-git-dir': 'refused',
    unpack: 'refused',
  },
  COPY: { chmod: 'value', chown: 'value', from: 'value', link: 'boolean', exclude: 'refused', parents: 'refused' },
  FROM: { platform: 'value' },
  HEALTHCHECK: {
    interval: 'value',
    retries: 'value',
    'start-interval': 'value',
    'start-period': 'value',
    timeout: 'value',
  },
  RUN: { device: 'refused', mount: 'refused', network: 'refused', security: 'refused' },
};

/** The flags of an instruction's words, checked. Throws engine/invalid-dockerfile. */
export function readFlags(keyword: Keyword, words: readonly string[], line: number): readonly Flag[] {
  const seen = new Set<string>();
  return words.map((word) => {
    const flag = flagOf(word);
    const problem = problemOf(keyword, { word, flag, seen });
    if (problem !== undefined) throw parseError(line, problem);
    seen.add(flag.name);
    return flag;
  });
}

function flagOf(word: string): Flag {
  const at = word.indexOf('=');
  return at < 0 ? { name: word.slice(2), value: 'true' } : { name: word.slice(2, at), value: word.slice(at + 1) };
}

interface Given {
  readonly word: string;
  readonly flag: Flag;
  readonly seen: ReadonlySet<string>;
}

function problemOf(keyword: Keyword, { word, flag, seen }: Given): string | undefined {
  const table = FLAGS[keyword] ?? {};
  const kind = Object.hasOwn(table, flag.name) ? table[flag.name] : undefined;
  if (kind === undefined) {
    const near = nearest(flag.name, Object.keys(table));
    return `unknown flag: ${flag.name}${near === undefined ? '' : ` (did you mean ${near}?)`}`;
  }
  if (kind === 'refused') return `the --${flag.name} option requires BuildKit, which this builder is not`;
  if (seen.has(flag.name)) return `duplicate flag specified: ${flag.name}`;
  if (kind === 'value' && !word.includes('=')) return `missing a value on flag: ${flag.name}`;
  if (kind === 'boolean' && flag.value !== 'true' && flag.value !== 'false')
    return `expecting boolean value for flag ${flag.name}, not: ${flag.value}`;
  return undefined;
}
