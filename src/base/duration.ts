// Durations as compose files write them (`1m30s`, `1w2d`) and as Go prints them.

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 604_800e9,
};

const PART = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)/y;
const MAX = 2 ** 63;

/** Nanoseconds of a duration; undefined when the text is none. "0" needs no unit. */
export function parseDuration(source: string): number | undefined {
  const sign = source.startsWith('-') ? -1 : 1;
  const text = source.replace(/^[-+]/, '');
  if (text === '0') return 0;
  let total = 0;
  let at = 0;
  while (at < text.length) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (!match) return undefined;
    total += Number(match[1]) * (UNITS[match[2] ?? ''] ?? NaN);
    at = PART.lastIndex;
  }
  return at > 0 && total < MAX ? sign * Math.round(total) : undefined;
}

/** A duration in nanoseconds as Go prints it: `1m30s`, `500ms`, `0s`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) return '0s';
  const sign = nanoseconds < 0 ? '-' : '';
  const rest = Math.abs(nanoseconds);
  if (rest < 1e3) return `${sign}${rest}ns`;
  if (rest < 1e6) return `${sign}${decimal(rest, 1e3)}µs`;
  if (rest < 1e9) return `${sign}${decimal(rest, 1e6)}ms`;
  const minutes = Math.floor(rest / 60e9);
  const seconds = `${decimal(rest % 60e9, 1e9)}s`;
  if (minutes === 0) return sign + seconds;
  const hours = Math.floor(minutes / 60);
  return sign + (hours > 0 ? `${hours}h` : '') + `${minutes % 60}m${seconds}`;
}

/** Whole seconds of a duration, rounded down; undefined when the text is none. */
export function durationSeconds(source: string): number | undefined {
  const nanoseconds = parseDuration(source);
  return nanoseconds === undefined ? undefined : Math.trunc(nanoseconds / 1e9);
}

/** `value / unit` without floating-point noise. */
function decimal(value: number, unit: number): string {
  const fraction = String(Math.round(value % unit))
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '');
  return `${Math.floor(value / unit)}${fraction === '' ? '' : `.${fraction}`}`;
}
