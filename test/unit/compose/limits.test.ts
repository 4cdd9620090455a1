// Files meant to do harm end in one clear error, soon.
import { describe, expect, it } from 'vitest';
import { load, refusal } from '../../support/compose-files.ts';

const bomb = (levels: number): string => {
  const lines = ['x-0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 1; level <= levels; level++)
    lines.push(`x-${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]`);
  return `${lines.join('\n')}\nservices: {a: {image: x}}\n`;
};

describe('hostile files', () => {
  it.each<[string, string, string]>([
    ['an alias bomb', bomb(12), 'holds more than'],
    ['deep flow nesting', `services: ${'['.repeat(100_000)}`, ''],
    ['deep mappings', `x-a: ${'{a: '.repeat(600)}1${'}'.repeat(600)}\nservices: {a: {image: x}}\n`, 'nested more than'],
    ['a NUL byte', 'services:\0', 'NUL byte'],
    ['a file that is too large', `# ${'x'.repeat(5 * 1024 * 1024)}`, 'larger than 4 MiB'],
    [
      'a million values',
      `x-a: [${'1,'.repeat(1_000_000)}1]\nservices: {a: {image: x}}\n`,
      'holds more than 500000 values',
    ],
    [
      'ten thousand mistakes',
      `services:\n${Array.from({ length: 10_000 }, (_, n) => `  s${n}: {imag: x}\n`).join('')}`,
      'has no attribute',
    ],
  ])('%s', async (_, text, message) => {
    const error = await refusal(text);
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('\n');
    expect(error.diagnostics.length).toBeLessThanOrEqual(500);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const { projectFolder } = await import('../../support/compose-files.ts');
    const { writeFileSync } = await import('node:fs');
    const { loadProject } = await import('../../../src/compose/load.ts');
    using folder = projectFolder({ x: '' });
    writeFileSync(`${folder.dir}/compose.yaml`, Buffer.from([0x61, 0xff, 0xfe]));
    await expect(loadProject({ env: {}, cwd: folder.dir })).rejects.toThrow('is not valid UTF-8');
  });

  it('loads 2,000 services in a chain', async () => {
    const lines = Array.from(
      { length: 2000 },
      (_, n) => `  s${n}: {image: x${n === 0 ? '' : `, depends_on: [s${n - 1}]`}}\n`,
    );
    const { project } = await load(`services:\n${lines.join('')}`);
    expect(Object.keys(project.services)).toHaveLength(2000);
  });

  it('keeps names such as __proto__ harmless', async () => {
    const { project } = await load(
      'services:\n  a: {image: x, labels: {__proto__: y, constructor: z}, x-b: {__proto__: {c: 1}}}\n',
    );
    expect(Object.entries(project.services['a']?.labels ?? {})).toContainEqual(['constructor', 'z']);
    expect(({} as Record<string, unknown>)['c']).toBeUndefined();
  });
});
