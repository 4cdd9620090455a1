import { expect, test } from 'vitest';
import { detachScanner, parseDetachKeys } from '../../../../src/engine/containers/detach-keys.ts';
import { restartPause, restartsWithEngine } from '../../../../src/engine/containers/restart-policy.ts';
import { Container } from '../../../../src/engine/containers/container.ts';
import { parseSignal } from '../../../../src/engine/containers/signals.ts';
import { humanDuration, statusText } from '../../../../src/engine/containers/status-text.ts';
import { formatTime, NEVER, parseTime } from '../../../../src/engine/containers/time.ts';
import { parsePs } from '../../../../src/engine/containers/top.ts';
import { sampleRecord } from './samples.ts';

test.each([
  [0n, NEVER],
  [1_000_000_000n, '1970-01-01T00:00:01Z'],
  [1_700_000_000_123_456_789n, '2023-11-14T22:13:20.123456789Z'],
  [1_700_000_000_100_000_000n, '2023-11-14T22:13:20.1Z'],
])('%s ns is %s, and back', (nanoseconds, text) => {
  expect(formatTime(nanoseconds)).toBe(text);
  expect(parseTime(text)).toBe(nanoseconds);
});

test('times with an offset, and what is none', () => {
  expect(parseTime('2023-11-14T23:13:20.5+01:00')).toBe(1_700_000_000_500_000_000n);
  expect(parseTime('yesterday')).toBe(0n);
});

test.each([
  [400, 'Less than a second'],
  [1000, '1 second'],
  [59_000, '59 seconds'],
  [60_000, 'About a minute'],
  [150_000, '2 minutes'],
  [3_600_000, 'About an hour'],
  [7_200_000, '2 hours'],
  [48 * 3_600_000, '2 days'],
  [15 * 86_400_000, '2 weeks'],
  [70 * 86_400_000, '2 months'],
  [800 * 86_400_000, '2 years'],
])('%i ms is %s', (milliseconds, words) => expect(humanDuration(milliseconds)).toBe(words));

test.each([
  ['running', 'Up 5 seconds'],
  ['paused', 'Up 5 seconds (Paused)'],
  ['exited', 'Exited (3) 2 seconds ago'],
  ['restarting', 'Restarting (3) 2 seconds ago'],
  ['created', 'Created'],
  ['removing', 'Removal In Progress'],
  ['dead', 'Dead'],
] as const)('%s reads %s', (status, words) => {
  const state = { status, exitCode: 3, startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:03Z' };
  expect(statusText(sampleRecord({ state }), Date.parse('2026-01-01T00:00:05Z'))).toBe(words);
});

test.each([
  ['KILL', 9],
  ['SIGTERM', 15],
  ['sigusr1', 10],
  ['9', 9],
  ['RTMIN', 34],
  ['SIGRTMIN+3', 37],
  ['RTMAX-1', 63],
])('signal %s is %i', (text, number) => expect(parseSignal(text)).toBe(number));

test.each(['0', '65', 'NOPE', '', '-1'])('%j is no signal', (text) => {
  expect(() => parseSignal(text)).toThrow(`invalid signal: ${text}`);
});

test('detach keys are found over any cut, and other keys pass through', () => {
  const keys = parseDetachKeys('');
  expect([...keys]).toEqual([16, 17]);
  for (let cut = 0; cut <= 5; cut += 1) {
    const scan = detachScanner(keys);
    const typed = Buffer.from('ab\x10\x11c', 'latin1');
    const parts = [scan(typed.subarray(0, cut)), scan(typed.subarray(cut))];
    expect(parts.some(({ isDetached }) => isDetached)).toBe(true);
  }
  const scan = detachScanner(keys);
  expect(scan(Buffer.from('\x10x\x10\x10', 'latin1')).output.toString('latin1')).toBe('\x10x\x10');
});

test.each([
  ['ctrl-a', [1]],
  ['ctrl-[,d', [27, 100]],
])('keys %s', (text, codes) => expect([...parseDetachKeys(text)]).toEqual(codes));

test('keys that are none are refused', () => expect(() => parseDetachKeys('ctrl-,x')).toThrow('invalid detach keys'));

test('pauses before a restart double up to a minute, and begin anew after a good run', () => {
  const container = new Container(sampleRecord({ host: { RestartPolicy: { Name: 'always' } } }));
  const next = (ran: number): number | undefined => restartPause(container, { exitCode: 0, ran });
  expect([next(0), next(0), next(0)]).toEqual([100, 200, 400]);
  expect(next(10_000)).toBe(100);
  for (let i = 0; i < 20; i += 1) next(0);
  expect(next(0)).toBe(60_000);
});

test.each([
  [{ Name: 'no' }, 1, 0, false],
  [{ Name: 'always' }, 0, 0, true],
  [{ Name: 'unless-stopped' }, 0, 0, true],
  [{ Name: 'on-failure' }, 0, 0, false],
  [{ Name: 'on-failure' }, 1, 99, true],
  [{ Name: 'on-failure', MaximumRetryCount: 2 }, 1, 1, true],
  [{ Name: 'on-failure', MaximumRetryCount: 2 }, 1, 2, false],
] as const)('policy %j after exit %i and %i restarts', (policy, exitCode, restartCount, expected) => {
  const container = new Container(sampleRecord({ host: { RestartPolicy: policy }, state: { restartCount } }));
  expect(restartPause(container, { exitCode, ran: 0 }) !== undefined).toBe(expected);
});

test('a stop by a person holds every policy off', () => {
  const container = new Container(sampleRecord({ host: { RestartPolicy: { Name: 'always' } } }));
  container.stopRequested = true;
  expect(restartPause(container, { exitCode: 1, ran: 0 })).toBeUndefined();
});

test.each([
  ['always', true, true],
  ['unless-stopped', true, false],
  ['unless-stopped', false, true],
  ['no', false, false],
] as const)('policy %s when the engine starts, stopped by hand: %s', (Name, manuallyStopped, expected) => {
  expect(restartsWithEngine(sampleRecord({ host: { RestartPolicy: { Name } }, state: { manuallyStopped } }))).toBe(
    expected,
  );
});

test('only the lines of the container are kept of ps, the command with its blanks', () => {
  const output = 'UID PID PPID CMD\nroot 1 0 init\nroot 22 1 sh -c  x y\n';
  expect(parsePs(output, new Set([22]))).toEqual({
    Titles: ['UID', 'PID', 'PPID', 'CMD'],
    Processes: [['root', '22', '1', 'sh -c x y']],
  });
  expect(() => parsePs('USER CMD\n', new Set())).toThrow("Couldn't find PID field");
});
