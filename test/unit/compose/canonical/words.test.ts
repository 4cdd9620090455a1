// Splitting of commands, with the habits of the splitter docker compose uses.
import { describe, expect, it } from 'vitest';
import { splitWords } from '../../../../src/compose/canonical/words.ts';

describe('splitWords', () => {
  it.each<[string, string[] | undefined]>([
    ['a b  c', ['a', 'b', 'c']],
    ['', []],
    ['a "b c" \'d e\'', ['a', 'b c', 'd e']],
    ['a"b c"d', ['ab cd']],
    ['a "" b', ['a', '', 'b']],
    ['a\\ b', ['a b']],
    ["'a\\tb'", ['a\\tb']],
    ['"a\\"b"', ['a"b']],
    ['echo a && b', ['echo', 'a']],
    ['echo a; b', ['echo', 'a']],
    ['a 2>&1', ['a']],
    ['2>x', []],
    ['sh -c "x && y"', ['sh', '-c', 'x && y']],
    ['a # b', ['a', '#', 'b']],
    ['$(ls a) b', ['$(ls a)', 'b']],
    ['`ls a` b', ['`ls a`', 'b']],
    ['a\nb\tc', ['a', 'b', 'c']],
    ["it's", undefined],
    ['a\\', undefined],
    ['a (b)', undefined],
    ['$(open', undefined],
  ])('%j', (line, expected) => {
    expect(splitWords(line)).toEqual(expected);
  });
});
