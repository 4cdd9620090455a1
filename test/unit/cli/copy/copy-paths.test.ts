import { describe, expect, it } from 'vitest';
import { baseName, copySide, copyTarget, isFolderText } from '../../../../src/cli/copy/copy-paths.ts';

describe('which side is a container', () => {
  it.each([
    ['web:/etc', 'web', '/etc'],
    ['web:', 'web', ''],
    ['web:a:b', 'web', 'a:b'],
    ['./web:/etc', '', './web:/etc'],
    ['/a:b', '', '/a:b'],
    ['-', '', '-'],
    ['file', '', 'file'],
  ])('%s', (text, container, path) => {
    expect(copySide(text)).toEqual({ container, path });
  });
});

describe('where a copy goes', () => {
  const folder = { exists: true, isFolder: true };
  const file = { exists: true, isFolder: false };
  const nothing = { exists: false, isFolder: false };
  it.each([
    ['a file into a folder', { path: '/s/f', ...file }, { path: '/d', ...folder }, { folder: '/d', name: '' }],
    ['a folder into a folder', { path: '/s', ...folder }, { path: '/d/', ...folder }, { folder: '/d/', name: '' }],
    ['contents into a folder', { path: '/s/.', ...folder }, { path: '/d', ...folder }, { folder: '/d', name: '' }],
    ['a file over a file', { path: '/s/f', ...file }, { path: '/d/g', ...file }, { folder: '/d', name: 'g' }],
    ['a file to a new name', { path: '/s/f', ...file }, { path: '/d/g', ...nothing }, { folder: '/d', name: 'g' }],
    ['a folder to a new name', { path: '/s', ...folder }, { path: '/d/n/', ...nothing }, { folder: '/d', name: 'n' }],
    ['contents to a new name', { path: '/s/.', ...folder }, { path: '/n', ...nothing }, { folder: '/', name: 'n' }],
    ['to a relative path', { path: '/s/f', ...file }, { path: 'g', ...nothing }, { folder: '.', name: 'g' }],
    [
      'a followed link keeps its name',
      { path: '/real', name: 'link', ...file },
      { path: '/d', ...folder },
      { folder: '/d', name: 'link' },
    ],
  ])('%s', (...row) => {
    const [, source, destination, target] = row;
    expect(copyTarget(source, destination)).toEqual(target);
  });

  it.each([
    ['a folder over a file', { path: '/s', ...folder }, { path: '/d/f', ...file }, 'cannot copy directory'],
    ['a file to a new folder', { path: '/s', ...file }, { path: '/d/new/', ...nothing }, 'no such directory'],
  ])('%s is refused', (...row) => {
    const [, source, destination, message] = row;
    expect(() => copyTarget(source, destination)).toThrow(message);
  });
});

it.each([
  ['/a/', true, 'a'],
  ['/a/.', true, '.'],
  ['.', true, '.'],
  ['a/..', true, '/'],
  ['/a.', false, 'a.'],
  ['/', true, '/'],
])('%s: written as a folder %s, called %s', (path, isFolder, name) => {
  expect(isFolderText(path)).toBe(isFolder);
  expect(baseName(path)).toBe(name);
});
