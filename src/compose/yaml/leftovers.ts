// Spellings that YAML 1.1 read in another way than a person expects, or than YAML 1.2 does: numbers that begin with 0, and
// numbers in base 60. Only says so; the value is what docker compose makes of it.
import type { ScalarTree } from '../tree.ts';

const OCTAL = /^[-+]?0[oO]?[0-7]+$/;
const BASE_60 = /^[-+]?[1-9][0-9]*(:[0-5]?[0-9])+$/;

/** What to say of a scalar, and what would mend it; undefined for nearly all. */
export function leftoverOf({ origin, type, value }: ScalarTree): { message: string; hint: string } | undefined {
  const first = origin.source.text.charCodeAt(origin.start);
  if (!(first >= 48 && first <= 57) && first !== 43 && first !== 45) return undefined;
  const text = origin.source.text.slice(origin.start, origin.end);
  if (type === 'integer' && OCTAL.test(text))
    return { message: `${text} is octal: it is read as ${value}`, hint: `write ${value}, or "${text}" in quotes` };
  if (type !== 'timestamp' && BASE_60.test(text))
    return { message: `${text} is a number in base 60 for readers of YAML 1.1`, hint: `write it in quotes: "${text}"` };
  return undefined;
}
