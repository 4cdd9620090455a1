// Words of Dockerfiles: each row was also built by Docker 26.1, whose result it states.
import { describe, expect, it } from 'vitest';
import { expandHeredoc, expandWord, expandWords, lookupOf } from '../../../../src/engine/build/dockerfile/expand.ts';

const ENV = new Map([
  ['a', 'A'],
  ['b', 'B'],
  ['e', ''],
  ['f', 'foo/bar/boo'],
  ['s', 'x y'],
]);
const expansion = {
  lookup: lookupOf(
    ENV,
    new Map([
      ['a', 'hidden'],
      ['g', 'G'],
    ]),
  ),
  escape: '\\',
} as const;

const WORDS: readonly (readonly [string, string])[] = [
  ['$a', 'A'],
  ['${a}', 'A'],
  ['${a}b', 'Ab'],
  ['$ab', ''],
  ['$a$b', 'AB'],
  ['${n:-d}', 'd'],
  ['${n-d}', 'd'],
  ['${e:-d}', 'd'],
  ['${e-d}', ''],
  ['${a:+y}', 'y'],
  ['${e:+y}', ''],
  ['${e+y}', 'y'],
  ['${n+y}', ''],
  ["'$a'", '$a'],
  ['"$a"', 'A'],
  ['\\$a', '$a'],
  ['"\\$a"', '$a'],
  ["'\\$a'", '\\$a'],
  ['a\\ b', 'a b'],
  ['"a\\ b"', 'a\\ b'],
  ['"a\\"b"', 'a"b'],
  ['a"b c"d', 'ab cd'],
  ['${n:-"q q"}', 'q q'],
  ['${n:-${a}}', 'A'],
  ['${n:-${n:-x}}', 'x'],
  ['$', '$'],
  ['$$', ''],
  ['$1x', 'x'],
  ['${f#*/}', 'bar/boo'],
  ['${f##*/}', 'boo'],
  ['${f%/*}', 'foo/bar'],
  ['${f%%/*}', 'foo'],
  ['${f/o/0}', 'f0o/bar/boo'],
  ['${f//o/0}', 'f00/bar/b00'],
  ['${f/f*\\//X}', 'Xboo'],
  ['${f#f?o}', '/bar/boo'],
  ['${n:-a\\}b}', 'a}b'],
  ['a\\\\b', 'a\\b'],
  ['"a\\\\b"', 'a\\b'],
  ['a\\nb', 'anb'],
  ['"a\\nb"', 'a\\nb'],
  ["${a:-'x'}", 'A'],
  ['"${n:-\'x\'}"', 'x'],
  ['"${n:-"x"}"', 'x'],
  ['é$a', 'éA'],
  ['${f#/}', 'foo/bar/boo'],
  ['${f%z}', 'foo/bar/boo'],
  ['$a/b:c', 'A/b:c'],
  ['"a\'b"', "a'b"],
  ["'a\"b'", 'a"b'],
  ['${f/\\//-}', 'foo-bar/boo'],
  ['${f//\\//-}', 'foo-bar-boo'],
];

const FAILURES: readonly (readonly [string, string])[] = [
  ['${b', "syntax error: missing '}'"],
  ['${}', 'syntax error: bad substitution'],
  ['${b;c}', 'unsupported modifier (;) in substitution'],
  ['${n:?msg}', 'n: msg'],
  ['${n:?}', 'n: is not allowed to be unset'],
  ['${e:?}', 'e: is not allowed to be empty'],
  ['"x', 'unexpected end of statement while looking for matching double-quote'],
  ["'x", 'unexpected end of statement while looking for matching single-quote'],
  ['${a:-b', "syntax error: missing '}'"],
];

describe('expansion of words', () => {
  it.each(WORDS)('%s is %s', (word, value) => {
    expect(expandWord(word, expansion)).toBe(value);
  });

  it.each(FAILURES)('%s is refused: %s', (word, message) => {
    expect(() => expandWord(word, expansion)).toThrow(`failed to process ${JSON.stringify(word)}: ${message}`);
  });

  it('lets the environment hide build arguments', () => {
    expect(expandWord('$a$g', expansion)).toBe('AG');
  });

  it('splits words where a value has blanks, unless quoted', () => {
    expect(expandWords('$s', expansion)).toEqual(['x', 'y']);
    expect(expandWords('"$s"', expansion)).toEqual(['x y']);
    expect(expandWords('""', expansion)).toEqual(['']);
    expect(expandWords('$n', expansion)).toEqual([]);
  });

  it('takes the escape character of the file', () => {
    expect(expandWord('`$a\\', { ...expansion, escape: '`' })).toBe('$a\\');
  });

  it('fills heredocs in, keeps their quotes, and what is not set', () => {
    const heredoc = { name: 'EOF', content: '\t"$a" \'$b\' ${n} \\$a\n', expand: true, chomp: true };
    expect(expandHeredoc(heredoc, expansion)).toBe('"A" \'B\' ${n} $a\n');
    expect(expandHeredoc({ ...heredoc, expand: false, chomp: false }, expansion)).toBe(heredoc.content);
  });

  it('refuses variables nested too deeply', () => {
    expect(() => expandWord('${n:-'.repeat(5000), expansion)).toThrow('nested too deeply');
  });
});
