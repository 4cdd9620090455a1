// Durations and sizes as compose files write them.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../../../src/base/bytes.ts';
import { durationSeconds, formatDuration, parseDuration } from '../../../src/base/duration.ts';

describe('durations', () => {
  it.each([
    ['10s', '10s'],
    ['90s', '1m30s'],
    ['1h', '1h0m0s'],
    ['1.5s', '1.5s'],
    ['1m30s', '1m30s'],
    ['100ms', '100ms'],
    ['1500us', '1.5ms'],
    ['1µs', '1µs'],
    ['5ns', '5ns'],
    ['1d', '24h0m0s'],
    ['1w2d3h', '219h0m0s'],
    ['0', '0s'],
    ['0s', '0s'],
    ['-1s', '-1s'],
    ['.5m', '30s'],
  ])('%s is %s', (source, expected) => {
    expect(formatDuration(parseDuration(source) ?? NaN)).toBe(expected);
  });

  it.each(['', '10', 's', '1x', '1 s', '1s ', '5m5', 'abc', '1.s.', '99999999999h'])('%j is none', (source) => {
    expect(parseDuration(source)).toBeUndefined();
  });

  it('counts whole seconds', () => {
    expect(durationSeconds('1m2.9s')).toBe(62);
    expect(durationSeconds('x')).toBeUndefined();
  });
});

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['512', 512],
    ['1k', 1024],
    ['10KB', 10240],
    ['64m', 67108864],
    ['1.5g', 1610612736],
    ['2gib', 2147483648],
    ['1 mb', 1048576],
    ['5b', 5],
    ['1T', 1099511627776],
  ])('%s', (source, expected) => {
    expect(parseBytes(source)).toBe(expected);
  });

  it.each(['', 'm', '-1', '1zb', '1.', '1mm', '1e3', '0x10'])('%j is none', (source) => {
    expect(parseBytes(source)).toBeUndefined();
  });
});
