// The shape of the tree: file sizes, and facts that stand in two places.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/base/version.ts';
import { runProcess } from '../../src/base/process.ts';
import { sourcesIn } from './sources.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAX_LINES = 400;
/** Lines of C that every container pays for: zygote, shim and net child together, without generated code. */
const MAX_SHIM_LINES = 8000;
/** Lines of gantry-fs, which runs for one job at a time. */
const MAX_FS_LINES = 4600;

describe('shape', () => {
  it(`no file is longer than ${MAX_LINES} lines, and the median is below 100`, async () => {
    const ours = await sourcesIn('src', ['.ts']);
    const native = (await sourcesIn('runtime-native', ['.c', '.h'])).filter(
      ({ path }) => !path.includes('/gen/') && !path.includes('/build/'),
    );
    const all = [...ours, ...native];
    expect(all.filter(({ lines }) => lines > MAX_LINES).map(({ path, lines }) => `${path} ${lines}`)).toEqual([]);
    const sorted = all.map(({ lines }) => lines).toSorted((a, b) => a - b);
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(100);
  });

  it('the C programs stay within their budgets', async () => {
    const native = await sourcesIn('runtime-native', ['.c']);
    const count = (part: RegExp): number =>
      native.filter(({ path }) => part.test(path)).reduce((sum, { lines }) => sum + lines, 0);
    expect(count(/^runtime-native\/[^/]+\.c$/)).toBeLessThanOrEqual(MAX_SHIM_LINES);
    expect(count(/^runtime-native\/fs\//)).toBeLessThanOrEqual(MAX_FS_LINES);
  });

  it('the version is the one of package.json', async () => {
    const { version } = JSON.parse(await readFile(`${ROOT}/package.json`, 'utf8')) as { version: string };
    expect(VERSION).toBe(version);
  });

  it('the generated header is up to date', async () => {
    expect((await runProcess(process.execPath, [`${ROOT}/.ci/gen-records.ts`, '--check'])).status).toBe(0);
  });
});
