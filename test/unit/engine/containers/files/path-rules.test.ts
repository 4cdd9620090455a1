import { describe, expect, it } from 'vitest';
import { archivePath } from '../../../../../src/engine/containers/files/path-rules.ts';
import { goMode, parseStat, statHeader } from '../../../../../src/engine/containers/files/path-stat.ts';

describe('archivePath', () => {
  it.each([
    ['/a/b', '/a/b', false, 'b', '/a/b'],
    ['a/b', '/a/b', false, 'b', '/a/b'],
    ['/a/b/', '/a/b', true, 'b', '/a/b/'],
    ['/a/b/.', '/a/b', true, '.', '/a/b/.'],
    ['/a/../../b', '/b', false, 'b', '/b'],
    ['/', '/', false, '/', '/'],
    ['/.', '/', true, '.', '/.'],
    ['.', '/', true, '.', '/.'],
    ['/a/..', '/', false, '/', '/'],
    ['/a.', '/a.', false, 'a.', '/a.'],
  ])('%s', (...row) => {
    const [text, path, folder, name, shown] = row;
    expect(archivePath(text)).toEqual({ path, folder, name, shown });
  });

  it('refuses none', () => {
    expect(() => archivePath('')).toThrow('cannot be empty');
    expect(() => archivePath('a\0')).toThrow('NUL');
  });
});

describe('stat', () => {
  it.each([
    [0o040755, 2147484141],
    [0o120777, 134218239],
    [0o100644, 420],
    [0o010644, 33554852],
    [0o020666, 69206454],
    [0o060660, 67109296],
    [0o104755, 8389101],
    [0o041777, 2148532735],
  ])('mode %o is what Go calls %i', (mode, go) => {
    expect(goMode(mode)).toBe(go);
  });

  it('reads the line of gantry-fs, and writes the header', () => {
    const stat = parseStat('120777 5 -1.500000000 /a b\n c');
    expect(stat).toEqual({ mode: 0o120777, size: 5, mtime: -500_000_000n, linkTarget: '/a b\n c' });
    const header = statHeader('x', parseStat('100644 12 1700000000.120000000 '));
    expect(JSON.parse(Buffer.from(header, 'base64').toString())).toEqual({
      ...{ name: 'x', size: 12, mode: 420, mtime: '2023-11-14T22:13:20.12Z', linkTarget: '' },
    });
  });
});
