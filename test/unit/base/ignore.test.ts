// Ignore files: every row was also built by Docker 26.1 over these files; it states what was left out. The one row
// that differs is `!**/*.go`, which Docker's classic builder loses below a folder that is left out and BuildKit does not.
import { describe, expect, it } from 'vitest';
import { ignoreMatcher, parseIgnoreFile } from '../../../src/base/ignore.ts';

const FILES = [
  'a',
  'b.go',
  'dir/a',
  'dir/b.go',
  'dir/sub/c',
  'dir/sub/b.go',
  'dir2/a',
  '.hid',
  'x y',
  'foo/bar/baz',
  'foobar',
  'dir/.git/x',
  'afoo',
];

const ROWS: readonly (readonly [string, readonly string[]])[] = [
  ['a', ['a']],
  ['/a', ['a']],
  ['dir', ['dir/a', 'dir/b.go', 'dir/sub/c', 'dir/sub/b.go', 'dir/.git/x']],
  ['dir/', ['dir/a', 'dir/b.go', 'dir/sub/c', 'dir/sub/b.go', 'dir/.git/x']],
  ['/dir/', ['dir/a', 'dir/b.go', 'dir/sub/c', 'dir/sub/b.go', 'dir/.git/x']],
  ['dir/*', ['dir/a', 'dir/b.go', 'dir/sub/c', 'dir/sub/b.go', 'dir/.git/x']],
  ['*/a', ['dir/a', 'dir2/a']],
  ['**/a', ['a', 'dir/a', 'dir2/a']],
  ['**/b.go', ['b.go', 'dir/b.go', 'dir/sub/b.go']],
  ['*.go', ['b.go']],
  ['**/*.go', ['b.go', 'dir/b.go', 'dir/sub/b.go']],
  ['dir/**', ['dir/a', 'dir/b.go', 'dir/sub/c', 'dir/sub/b.go', 'dir/.git/x']],
  [
    '**',
    [
      'a',
      'b.go',
      'dir/a',
      'dir/b.go',
      'dir/sub/c',
      'dir/sub/b.go',
      'dir2/a',
      '.hid',
      'x y',
      'foo/bar/baz',
      'foobar',
      'dir/.git/x',
      'afoo',
    ],
  ],
  [
    '*',
    [
      'a',
      'b.go',
      'dir/a',
      'dir/b.go',
      'dir/sub/c',
      'dir/sub/b.go',
      'dir2/a',
      '.hid',
      'x y',
      'foo/bar/baz',
      'foobar',
      'dir/.git/x',
      'afoo',
    ],
  ],
  [
    '*\n!a',
    [
      'b.go',
      'dir/a',
      'dir/b.go',
      'dir/sub/c',
      'dir/sub/b.go',
      'dir2/a',
      '.hid',
      'x y',
      'foo/bar/baz',
      'foobar',
      'dir/.git/x',
      'afoo',
    ],
  ],
  [
    '*\n!dir/a',
    [
      'a',
      'b.go',
      'dir/b.go',
      'dir/sub/c',
      'dir/sub/b.go',
      'dir2/a',
      '.hid',
      'x y',
      'foo/bar/baz',
      'foobar',
      'dir/.git/x',
      'afoo',
    ],
  ],
  ['*\n!dir', ['a', 'b.go', 'dir2/a', '.hid', 'x y', 'foo/bar/baz', 'foobar', 'afoo']],
  ['dir\n!dir/a', ['dir/b.go', 'dir/sub/c', 'dir/sub/b.go', 'dir/.git/x']],
  ['dir\n!dir/sub', ['dir/a', 'dir/b.go', 'dir/.git/x']],
  ['dir\n!dir/sub/c', ['dir/a', 'dir/b.go', 'dir/sub/b.go', 'dir/.git/x']],
  ['dir/*\n!dir/sub', ['dir/a', 'dir/b.go', 'dir/.git/x']],
  [
    '**\n!dir/sub/c',
    [
      'a',
      'b.go',
      'dir/a',
      'dir/b.go',
      'dir/sub/b.go',
      'dir2/a',
      '.hid',
      'x y',
      'foo/bar/baz',
      'foobar',
      'dir/.git/x',
      'afoo',
    ],
  ],
  ['# a', []],
  ['#a\na', ['a']],
  [' a ', ['a']],
  ['./a', ['a']],
  ['dir/../a', ['a']],
  ['../a', []],
  ['.', []],
  ['./', []],
  ['?', ['a']],
  ['d??', ['dir/a', 'dir/b.go', 'dir/sub/c', 'dir/sub/b.go', 'dir/.git/x']],
  ['[ab]*', ['a', 'b.go', 'afoo']],
  [
    '[^a]*',
    [
      'b.go',
      'dir/a',
      'dir/b.go',
      'dir/sub/c',
      'dir/sub/b.go',
      'dir2/a',
      '.hid',
      'x y',
      'foo/bar/baz',
      'foobar',
      'dir/.git/x',
    ],
  ],
  ['x y', ['x y']],
  ['**/sub', ['dir/sub/c', 'dir/sub/b.go']],
  ['dir/**/c', ['dir/sub/c']],
  ['**/sub/**', ['dir/sub/c', 'dir/sub/b.go']],
  ['**foo', ['foo/bar/baz', 'afoo']],
  ['foo**', ['foo/bar/baz', 'foobar']],
  ['!a', []],
  [
    '*\n!*.go',
    [
      'a',
      'dir/a',
      'dir/b.go',
      'dir/sub/c',
      'dir/sub/b.go',
      'dir2/a',
      '.hid',
      'x y',
      'foo/bar/baz',
      'foobar',
      'dir/.git/x',
      'afoo',
    ],
  ],
  ['*\n!**/*.go', ['a', 'dir/a', 'dir/sub/c', 'dir2/a', '.hid', 'x y', 'foo/bar/baz', 'foobar', 'dir/.git/x', 'afoo']],
  ['dir\n!dir/*.go', ['dir/a', 'dir/sub/c', 'dir/sub/b.go', 'dir/.git/x']],
  ['*/*/c', ['dir/sub/c']],
  ['d*/s*', ['dir/sub/c', 'dir/sub/b.go']],
  ['.*', ['.hid']],
  ['**/.git', ['dir/.git/x']],
  ['foo/**/baz', ['foo/bar/baz']],
  ['**/bar/baz', ['foo/bar/baz']],
  ['dir/sub\n!dir/sub/c\ndir/sub/c', ['dir/sub/c', 'dir/sub/b.go']],
  ['\\a', []],
  [
    '*\n!dir/sub/',
    ['a', 'b.go', 'dir/a', 'dir/b.go', 'dir2/a', '.hid', 'x y', 'foo/bar/baz', 'foobar', 'dir/.git/x', 'afoo'],
  ],
  ['!dir/a\ndir', ['dir/a', 'dir/b.go', 'dir/sub/c', 'dir/sub/b.go', 'dir/.git/x']],
  ['/', []],
  [
    '*\n!/dir/a',
    [
      'a',
      'b.go',
      'dir/b.go',
      'dir/sub/c',
      'dir/sub/b.go',
      'dir2/a',
      '.hid',
      'x y',
      'foo/bar/baz',
      'foobar',
      'dir/.git/x',
      'afoo',
    ],
  ],
  [
    '*\n! a',
    [
      'b.go',
      'dir/a',
      'dir/b.go',
      'dir/sub/c',
      'dir/sub/b.go',
      'dir2/a',
      '.hid',
      'x y',
      'foo/bar/baz',
      'foobar',
      'dir/.git/x',
      'afoo',
    ],
  ],
];

describe('ignore files', () => {
  it.each(ROWS)('%j leaves out %j', (text, ignored) => {
    const matcher = ignoreMatcher(parseIgnoreFile(text));
    expect(FILES.filter((path) => matcher.ignores(path))).toEqual(ignored);
    // a folder that is skipped holds nothing that is kept
    const skipped = FILES.filter((path) => path.includes('/') && matcher.prunes(path.slice(0, path.indexOf('/'))));
    expect(skipped.filter((path) => !matcher.ignores(path))).toEqual([]);
  });

  it.each([
    ['dir', 'dir', true],
    ['*\n!dir/a', 'dir', false],
    ['*\n!dir/a', 'dir2', true],
    ['*\n!**/x', 'dir', false],
    ['*\n!dir/*.go', 'dir2', true],
    ['dir/*', 'dir', false],
  ])('%j skips the folder %s: %s', (text, folder, prunes) => {
    expect(ignoreMatcher(parseIgnoreFile(text)).prunes(folder)).toBe(prunes);
  });

  it.each([
    ['!', 'ignore pattern "!": there is nothing after the "!"'],
    ['[a', 'ignore pattern "[a": a "[" has no "]"'],
    ['*[z-a]', 'ignore pattern "*[z-a]": it cannot be read'],
  ])('%s is refused', (text, message) => {
    expect(() => ignoreMatcher(parseIgnoreFile(text))).toThrow(message);
  });

  it('does not take for ever over many wildcards', () => {
    const matcher = ignoreMatcher(['**/'.repeat(200) + 'x']);
    expect(matcher.ignores('a/'.repeat(2000) + 'y')).toBe(false);
  });
});
