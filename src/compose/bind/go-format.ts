// Scalars as Go's fmt prints them, which is what docker compose turns `environment: {A: 1.50}` into.
import type { ScalarTree } from '../tree.ts';

/** The text of a scalar; null is "". */
export function formatGo({ value, type }: ScalarTree): string {
  if (value === null) return '';
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

function smallFloat(value: number, digits: string, power: number): string {
  const plain = digits.replace(/[-.]/g, '');
  return `${value < 0 ? '-' : ''}0.${'0'.repeat(-power - 1)}${plain}`;
}
