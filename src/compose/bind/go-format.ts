// Scalars as Go's fmt prints them, which is what docker compose turns `environment: {A: 1.50}` into.
import type { ScalarTree } from '../tree.ts';

/** The text of a scalar; null is "". */
export function formatGo({ value, type }: ScalarTree): string {
  if (value === null) return '';
  if (type === 'timestamp') return formatTime(String(value));
  return type === 'float' && typeof value === 'number' ? formatFloat(value) : String(value);
}

/** %v of a float64: shortest digits, an exponent below -4 and from 21 (JSON) or 6 (fmt) on. */
export function formatFloat(value: number, largest = 6): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits = '', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= 0 && power < largest) return String(value);
  if (power < 0 && power >= -4) return smallFloat(value, digits, power);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const TIME = /^(\d{4})-(\d\d?)-(\d\d?)(?:(?:[Tt]|[ \t]+)(\d\d?):(\d\d?):(\d\d?)(?:\.(\d+))?[ \t]*(Z|[-+]\d\d:?\d*)?)?$/;

interface Time {
  readonly date: string;
  readonly clock: string;
  /** `Z` or `+01:00`. */
  readonly zone: string;
}

function readTime(source: string): Time | undefined {
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] = TIME.exec(source) ?? [];
  if (year === undefined) return undefined;
  const two = (text = '0'): string => text.padStart(2, '0');
  const digits = fraction.replace(/0+$/, '');
  const clock = `${two(hour)}:${two(minute)}:${two(second)}${digits === '' ? '' : `.${digits}`}`;
  return { date: `${year}-${two(month)}-${two(day)}`, clock, zone };
}

/** Go's String() of a time: `2020-01-02 00:00:00 +0000 UTC`. */
function formatTime(source: string): string {
  const time = readTime(source);
  if (time === undefined) return source;
  const offset = time.zone === 'Z' ? '+0000' : time.zone.replace(':', '').padEnd(5, '0');
  return `${time.date} ${time.clock} ${offset} ${time.zone === 'Z' ? 'UTC' : offset}`;
}

/** A time as Go marshals it: `2020-01-02T00:00:00Z`. */
export function formatRfc3339(source: string): string {
  const time = readTime(source);
  return time === undefined ? source : `${time.date}T${time.clock}${time.zone}`;
}

function smallFloat(value: number, digits: string, power: number): string {
  const plain = digits.replace(/[-.]/g, '');
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(-power - 1)}${plain}`;
}
