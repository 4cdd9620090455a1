// Plain scalars mean what go-yaml makes of them.
import { describe, expect, it } from 'vitest';
import { resolvePlain } from '../../../../src/compose/yaml/scalar.ts';
import { formatGo } from '../../../../src/compose/bind/go-format.ts';

describe('resolvePlain', () => {
  it.each<[string, string, unknown]>([
    ['', 'null', null],
    ['~', 'null', null],
    ['NULL', 'null', null],
    ['true', 'boolean', true],
    ['False', 'boolean', false],
    ['yes', 'string', 'yes'],
    ['on', 'string', 'on'],
    ['0', 'integer', 0],
    ['-12', 'integer', -12],
    ['+7', 'integer', 7],
    ['0440', 'integer', 288],
    ['0o17', 'integer', 15],
    ['0x1F', 'integer', 31],
    ['0b101', 'integer', 5],
    ['1_000', 'integer', 1000],
    ['08', 'float', 8],
    ['1.50', 'float', 1.5],
    ['.5', 'float', 0.5],
    ['1e3', 'float', 1000],
    ['-.inf', 'float', -Infinity],
    ['12345678901234567890', 'integer', 12345678901234567890n],
    ['22:22', 'string', '22:22'],
    ['1.2.3', 'string', '1.2.3'],
    ['2020-01-02', 'timestamp', '2020-01-02'],
    ['10m', 'string', '10m'],
    ['-', 'string', '-'],
    ['0x', 'string', '0x'],
  ])('%j is a %s', (source, type, value) => {
    expect(resolvePlain(source)).toEqual({ type, value });
  });
});

describe('formatGo', () => {
  it.each([
    ['1.0', '1'],
    ['1e6', '1e+06'],
    ['123456.5', '123456.5'],
    ['1234567.5', '1.2345675e+06'],
    ['0.00001', '1e-05'],
    ['0.0001', '0.0001'],
    ['-2.5', '-2.5'],
    ['0440', '288'],
    ['12345678901234567890', '12345678901234567890'],
    ['2020-01-02', '2020-01-02 00:00:00 +0000 UTC'],
    ['2001-12-14t21:59:43.10-05:00', '2001-12-14 21:59:43.1 -0500 -0500'],
    ['true', 'true'],
    ['~', ''],
  ])('prints %s as %s', (source, expected) => {
    const origin = { source: { path: '', text: source }, start: 0, end: 1 };
    expect(formatGo({ kind: 'scalar', ...resolvePlain(source), origin })).toBe(expected);
  });
});
