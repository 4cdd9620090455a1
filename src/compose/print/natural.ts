// The order in which go-yaml prints the keys of a mapping: by letters, with runs of digits compared as numbers.

const isDigit = (char: string | undefined): boolean => char !== undefined && /\p{Nd}/u.test(char);
const isLetter = (char: string): boolean => /\p{L}/u.test(char);

/** For sorting names. */
export function compareNames(a: string, b: string): number {
  return a === b ? 0 : isLess(Array.from(a), Array.from(b)) ? -1 : 1;
}

function isLess(a: readonly string[], b: readonly string[]): boolean {
  let digits = false;
  for (let at = 0; at < a.length && at < b.length; at++) {
    const [left = '', right = ''] = [a[at], b[at]];
    if (left !== right) return isLessAt(a, b, { at, digits });
    digits = isDigit(left);
  }
  return a.length < b.length;
}

/** Decides at the first difference. `digits`: the character before it is a digit. */
function isLessAt(
  a: readonly string[],
  b: readonly string[],
  { at, digits }: { at: number; digits: boolean },
): boolean {
  const [left = '', right = ''] = [a[at], b[at]];
  const [leftLetter, rightLetter] = [isLetter(left), isLetter(right)];
  if (leftLetter && rightLetter) return left < right;
  if (leftLetter || rightLetter) return digits ? leftLetter : rightLetter;
  const start = left === '0' || right === '0' ? leadingValue(a, at) : 0n;
  const [leftNumber, leftEnd] = readNumber(a, at, start);
  const [rightNumber, rightEnd] = readNumber(b, at, start);
  if (leftNumber !== rightNumber) return leftNumber < rightNumber;
  return leftEnd === rightEnd ? left < right : leftEnd < rightEnd;
}

/** 1 when the digits before `at` are not all zeros. */
function leadingValue(chars: readonly string[], at: number): bigint {
  for (let back = at - 1; isDigit(chars[back]); back--) if (chars[back] !== '0') return 1n;
  return 0n;
}

function readNumber(chars: readonly string[], from: number, start: bigint): [value: bigint, end: number] {
  let value = start;
  let at = from;
  for (; isDigit(chars[at]); at++) value = value * 10n + BigInt((chars[at]?.codePointAt(0) ?? 48) - 48);
  return [value, at];
}
