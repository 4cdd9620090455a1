import { describe, expect, it } from 'vitest';
import { passing, patternMatcher } from '../../../src/watch/ignore.ts';

describe('patterns of a rule', () => {
  const cases: readonly (readonly [readonly string[], string, boolean])[] = [
    [['node_modules/'], '/p/node_modules', true],
    [['node_modules/'], '/p/node_modules/a/b', true],
    [['node_modules/'], '/p/sub/node_modules', false],
    [['**/node_modules'], '/p/sub/node_modules/x', true],
    [['*.log'], '/p/a.log', true],
    [['*.log'], '/p/sub/a.log', false],
    [['*', '!keep'], '/p/other', true],
    [['*', '!keep'], '/p/keep/a', false],
    [['./dist'], '/p/dist/x', true],
    [['*'], '/p', false],
    [['*'], '/elsewhere/x', false],
    [['*'], '/pp/x', false],
  ];
  it.each(cases)('%j of /p for %s: %s', (patterns, path, expected) => {
    expect(patternMatcher('/p', patterns).matches(path)).toBe(expected);
  });

  it('lets nobody look into a folder that is left out whole, but into one with an exception', () => {
    const plain = patternMatcher('/p', ['node_modules']);
    expect(plain.matchesWhole('/p/node_modules')).toBe(true);
    const excepted = patternMatcher('/p', ['node_modules', '!node_modules/mine']);
    expect(excepted.matchesWhole('/p/node_modules')).toBe(false);
    expect(excepted.matchesWhole('/p/node_modules/other')).toBe(true);
    expect(excepted.matches('/p/node_modules/mine/x')).toBe(false);
  });
});

describe('what passes', () => {
  const names = ['.a.swp', '.a.swx', '4913', 'a~', '.#a', '#a#', 'a___jb_tmp___', '.a.kate-swp', 'x-go-tmp-umask'];
  it.each([...names, '.git', '.idea'])('%s', (name) => {
    expect(passing('/p').matches(`/p/sub/${name}`)).toBe(true);
    expect(passing('/p').matches(`/p/${name}/below`)).toBe(true);
  });
  it.each(['a.swf', '.gitignore', '.github', 'a#b', '14913'])('not %s', (name) => {
    expect(passing('/p').matches(`/p/${name}`)).toBe(false);
  });
  it('is no matter of folders above the watched one', () => {
    expect(passing('/home/.idea/p~').matches('/home/.idea/p~/a')).toBe(false);
  });
});
