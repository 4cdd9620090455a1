// Times and sizes as docker prints them for people.

const STEPS: readonly (readonly [limit: number, unit: number, name: string])[] = [
  [60, 1, 'seconds'],
  [60 * 60, 60, 'minutes'],
  [48 * 3600, 3600, 'hours'],
  [14 * 86_400, 86_400, 'days'],
  [60 * 86_400, 7 * 86_400, 'weeks'],
  [730 * 86_400, 30 * 86_400, 'months'],
];

/** `2 seconds`, `About a minute`, `3 weeks`: docker's rounding. */
export function humanDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 1) return 'Less than a second';
  if (whole === 1) return '1 second';
  if (whole >= 60 && whole < 120) return 'About a minute';
  if (Math.round(seconds / 3600) === 1 && whole >= 3600) return 'About an hour';
  for (const [limit, unit, name] of STEPS) {
    if (whole < limit) return `${unit === 3600 ? Math.round(seconds / 3600) : Math.floor(whole / unit)} ${name}`;
  }
  return `${Math.floor(whole / (365 * 86_400))} years`;
}

/** `1.98MB`, `0B`: base 1000, at most `digits` significant digits. */
export function humanSize(bytes: number, digits = 3): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(digits))}${units[unit] ?? ''}`;
}

/** `23.54GiB`: base 1024, at most 4 significant digits. */
export function humanBinarySize(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const unit = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${Number((bytes / 1024 ** unit).toPrecision(4))}${units[unit] ?? ''}`;
}

/** `2026-11-21 01:48:45 +0000 UTC`, in the local zone, as Go prints a time; `fraction` is `.25` and so on. */
export function goTime(unixSeconds: number, fraction = ''): string {
  const date = new Date(unixSeconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  return `${day} ${time}${fraction} ${zone} ${zoneName(date)}`;
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
}
