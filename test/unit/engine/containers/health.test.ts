import { expect, test } from 'vitest';
import type { Health, HealthResult } from '../../../../src/api/containers.ts';
import { healthCheck, type HealthCheck } from '../../../../src/engine/containers/health/settings.ts';
import { judge, nextPause, STARTING } from '../../../../src/engine/containers/health/verdict.ts';

const check: HealthCheck = {
  argv: ['x'],
  interval: 1000,
  timeout: 1000,
  retries: 2,
  startPeriod: 5000,
  startInterval: 100,
};
const result = (ExitCode: number): HealthResult => ({ Start: '', End: '', ExitCode, Output: '' });

/** The health after probes that ended at an age, in ms, with a status each. */
function after(...probes: readonly (readonly [age: number, exitCode: number])[]): Health {
  return probes.reduce<Health>((health, [age, exitCode]) => judge(health, result(exitCode), { check, age }), STARTING);
}

test.each([
  [[], 'starting', 0],
  [[[100, 0]], 'healthy', 0],
  [
    [
      [100, 1],
      [200, 1],
      [300, 1],
    ],
    'starting',
    0,
  ],
  [[[6000, 1]], 'starting', 1],
  [
    [
      [6000, 1],
      [7000, 1],
    ],
    'unhealthy',
    2,
  ],
  [
    [
      [100, 0],
      [200, 1],
    ],
    'healthy',
    1,
  ],
  [
    [
      [100, 0],
      [200, 1],
      [300, 1],
    ],
    'unhealthy',
    2,
  ],
  [
    [
      [100, 0],
      [200, 1],
      [300, 1],
      [400, 0],
    ],
    'healthy',
    0,
  ],
  [
    [
      [6000, -1],
      [7000, -1],
    ],
    'unhealthy',
    2,
  ],
] as const)('probes %j make it %s with a streak of %i', (probes, status, streak) => {
  expect(after(...probes)).toMatchObject({ Status: status, FailingStreak: streak });
});

test('the last five results are kept', () => {
  const health = after(...Array.from({ length: 9 }, (_, index) => [index, index] as const));
  expect(health.Log.map(({ ExitCode }) => ExitCode)).toEqual([4, 5, 6, 7, 8]);
});

test('probes are close together while it starts, until one succeeds or the start period is over', () => {
  expect(nextPause(STARTING, { check, age: 10 })).toBe(100);
  expect(nextPause(STARTING, { check, age: 5000 })).toBe(1000);
  expect(nextPause(after([10, 0]), { check, age: 20 })).toBe(1000);
});

test.each([
  [
    ['CMD', 'a', 'b'],
    ['a', 'b'],
  ],
  [
    ['CMD-SHELL', 'a b'],
    ['/bin/sh', '-c', 'a b'],
  ],
])('test %j runs %j', (Test, argv) => expect(healthCheck({ Healthcheck: { Test } })?.argv).toEqual(argv));

test('the shell of the image is used', () => {
  expect(healthCheck({ Shell: ['/bin/ash', '-ec'], Healthcheck: { Test: ['CMD-SHELL', 'a'] } })?.argv).toEqual([
    '/bin/ash',
    '-ec',
    'a',
  ]);
});

test.each([undefined, null, { Test: ['NONE'] }, { Test: [] }, { Interval: 1 }])('%j is no check', (Healthcheck) => {
  expect(healthCheck({ Healthcheck })).toBeUndefined();
});

test('what an image says beyond reason counts as not said', () => {
  const absurd = { Test: ['CMD', 'a'], Interval: -5, Timeout: 1, Retries: -1, StartPeriod: -1, StartInterval: -1 };
  expect(healthCheck({ Healthcheck: absurd })).toEqual(healthCheck({ Healthcheck: { Test: ['CMD', 'a'] } }));
  expect(healthCheck({ Healthcheck: { Test: ['WHAT', 'a'] } })).toBeUndefined();
});

test('what is left out has the defaults of Docker', () => {
  expect(healthCheck({ Healthcheck: { Test: ['CMD', 'a'], Interval: 0, Timeout: 2e9 } })).toEqual({
    argv: ['a'],
    interval: 30_000,
    timeout: 2000,
    retries: 3,
    startPeriod: 0,
    startInterval: 5000,
  });
});
