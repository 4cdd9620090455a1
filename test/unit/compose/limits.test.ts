// Files meant to do harm end in one clear error, soon.
import { symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadProject } from '../../../src/compose/load.ts';
import { load, projectFolder, refusal, type Files } from '../../support/compose-files.ts';

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
    using folder = projectFolder({ x: '' });
    writeFileSync(`${folder.dir}/compose.yaml`, Buffer.from([0x61, 0xff, 0xfe]));
    await expect(loadProject({ env: {}, cwd: folder.dir })).rejects.toThrow('is not valid UTF-8');
  });

  it.each<[string, string, string]>([
    ['ten megabytes', `# ${'x'.repeat(10 * 1024 * 1024)}`, 'larger than 4 MiB'],
    ['deep block nesting', Array.from({ length: 2000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'), 'is nested '],
    ['a mapping in its own merge key', 'x-a: &a {<<: *a}\nservices: {a: {image: x}}\n', 'contains itself'],
    [
      'variables nested too deeply',
      `services: {a: {image: "${'${A:-'.repeat(500)}${'}'.repeat(500)}"}}\n`,
      'nested too deeply',
    ],
    ['a huge range of ports', 'services: {a: {image: x, ports: ["1-65535:1-65535", "1-65536:1-65536"]}}\n', '65536'],
  ])('%s', async (_, text, message) => {
    const error = await refusal(text);
    expect(error.message).toContain(message);
  });

  it('refuses includes and extends that go round', async () => {
    const circle = {
      'compose.yaml': 'include: [b.yaml]\nservices: {a: {image: x}}\n',
      'b.yaml': 'include: [c.yaml]\n',
      'c.yaml': 'include: [b.yaml]\n',
    };
    expect((await refusal(circle)).message).toMatch(/include.*b\.yaml/);
    const service = { 'compose.yaml': 'services:\n  a: {extends: b}\n  b: {extends: {file: c.yaml, service: a}}\n' };
    const back = { ...service, 'c.yaml': 'services: {a: {extends: {file: compose.yaml, service: a}}}\n' };
    expect((await refusal(back)).message).toMatch(/extends/);
  });

  it('refuses symbolic links that go round, wherever a file is named', async () => {
    using folder = projectFolder({ 'compose.yaml': 'services: {a: {image: x, env_file: loop.env}}\n' });
    symlinkSync('loop.env', `${folder.dir}/loop.env`);
    await expect(loadProject({ env: {}, cwd: folder.dir })).rejects.toThrow('is a loop of symbolic links');
    symlinkSync('loop.yaml', `${folder.dir}/loop.yaml`);
    await expect(loadProject({ env: {}, cwd: folder.dir, files: ['loop.yaml'] })).rejects.toThrow('loop');
  });

  it('refuses bytes that are no text in environment files', async () => {
    using folder = projectFolder({ 'compose.yaml': 'services: {a: {image: x}}\n' });
    writeFileSync(`${folder.dir}/.env`, Buffer.from([0x41, 0x3d, 0xff]));
    await expect(loadProject({ env: {}, cwd: folder.dir })).rejects.toThrow('is not valid UTF-8');
    writeFileSync(`${folder.dir}/.env`, 'A=\0');
    await expect(loadProject({ env: {}, cwd: folder.dir })).rejects.toThrow('NUL byte');
  });

  it('loads 5,000 services in a chain', async () => {
    const lines = Array.from(
      { length: 5000 },
      (_, n) => `  s${n}: {image: x${n === 0 ? '' : `, depends_on: [s${n - 1}]`}}\n`,
    );
    const { project } = await load(`services:\n${lines.join('')}`);
    expect(Object.keys(project.services)).toHaveLength(5000);
  });

  it.each<[string, Files, string]>([
    [
      'includes that fan out',
      {
        'compose.yaml': 'include: [i0.yaml]\nservices: {a: {image: x}}\n',
        ...Object.fromEntries(
          Array.from({ length: 7 }, (_, n) => [
            `i${n}.yaml`,
            n === 6 ? 'services: {b: {image: x}}\n' : `include: [${`i${n + 1}.yaml, `.repeat(10)}]\n`,
          ]),
        ),
      },
      'too many includes',
    ],
    [
      'variables that double',
      {
        'compose.yaml': 'services: {a: {image: x}}\n',
        '.env': `A0=xx\n${Array.from({ length: 60 }, (_, n) => `A${n + 1}=\${A${n}}\${A${n}}\n`).join('')}`,
      },
      'the value becomes too long',
    ],
    [
      'ranges of ports',
      {
        'compose.yaml': `services:\n${Array.from({ length: 40 }, (_, n) => `  s${n}: {image: x, ports: [1-65535]}\n`).join('')}`,
      },
      'more than 200000 ports',
    ],
    ['documents', { 'compose.yaml': 'services: {a: {image: x}}\n---\n'.repeat(2000) }, 'more than 1000 documents'],
    [
      'a circle of 5,000 services',
      {
        'compose.yaml': `services:\n${Array.from({ length: 5000 }, (_, n) => `  s${n}: {image: x, depends_on: [s${(n + 1) % 5000}]}\n`).join('')}`,
      },
      'in a circle: s0 -> s1',
    ],
    [
      'names that do not exist, by thousands',
      {
        'compose.yaml': `services:\n${Array.from({ length: 5000 }, (_, n) => `  s${n}: {image: x, depends_on: [t${n}]}\n`).join('')}`,
      },
      'which is not defined',
    ],
  ])('%s end in a short message', async (_, files, message) => {
    const error = await refusal(files);
    expect(error.message).toContain(message);
    expect(JSON.stringify(error.diagnostics).length).toBeLessThan(300_000);
  });

  it('loads 5,000 services that extend one another', async () => {
    const lines = Array.from({ length: 4999 }, (_, n) => `  s${n + 1}: {extends: s${n}}\n`);
    const { project } = await load(`services:\n  s0: {image: x}\n${lines.join('')}`);
    expect(project.services['s4999']?.image).toBe('x');
  });

  it('keeps names such as __proto__ harmless', async () => {
    const { project } = await load(
      'services:\n  a: {image: x, labels: {__proto__: y, constructor: z}, x-b: {__proto__: {c: 1}}}\n',
    );
    expect(Object.entries(project.services['a']?.labels ?? {})).toContainEqual(['constructor', 'z']);
    expect(({} as Record<string, unknown>)['c']).toBeUndefined();
  });
});
