// Folders with their parents, also where Node's own recursive mkdir would never return.
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from '../../../src/base/make-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'mf-'));
afterAll(() => rmSync(root, { recursive: true }));

test('makes what is missing, with the mode, and leaves what is there', () => {
  const path = join(root, 'a', 'b', 'c');
  makeFolder(path, 0o700);
  makeFolder(path, 0o755);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test.each([
  ['/proc/gantry/deep', 'ENOENT'],
  [join(root, 'file', 'x'), 'EEXIST'],
])('%s fails with %s', (path, code) => {
  writeFileSync(join(root, 'file'), '');
  expect(() => makeFolder(path)).toThrow(code);
});
