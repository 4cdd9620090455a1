// Times as the API writes them: RFC3339 with nanoseconds, zeros at the end cut off, UTC.

/** What stands for "not yet". */
export const NEVER = '0001-01-01T00:00:00Z';

const NANO = 1_000_000_000n;

/** RFC3339Nano of nanoseconds since the epoch; 0 = never. */
export function formatTime(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return NEVER;
  const fraction = String(nanoseconds % NANO)
    .padStart(9, '0')
    .replace(/0+$/, '');
  const seconds = new Date(Number(nanoseconds / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}

/** Nanoseconds since the epoch, as finely as the clock gives them. */
export function nowNanoseconds(): bigint {
  return BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n;
}

/** Now, as RFC3339Nano. The wall clock and not the monotonic one: it is shown, not measured with. */
export function now(): string {
  return formatTime(BigInt(Date.now()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n));
}

/** Nanoseconds since the epoch of an RFC3339 text. Gives 0 for what is none, and for never. */
export function parseTime(text: string): bigint {
  if (text === NEVER) return 0n;
  const match = /^(.+?)(?:\.(\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  const seconds = Date.parse(`${match?.[1] ?? ''}${match?.[3] ?? ''}`);
  if (!Number.isFinite(seconds)) return 0n;
  return BigInt(seconds) * 1_000_000n + BigInt((match?.[2] ?? '').padEnd(9, '0'));
}

/** Milliseconds since the epoch; NaN-free: 0 for what is no time. */
export function milliseconds(text: string): number {
  return Number(parseTime(text) / 1_000_000n);
}
