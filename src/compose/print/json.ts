// Writes data as JSON as Go does: two spaces, and <, >, & escaped.
import { isList, isMap, type Printed } from './printed.ts';

/** A document; no newline ends it. */
export const writeJson = (value: Printed): string => writeNode(value, '\n');

function writeNode(value: Printed, indent: string): string {
  const inner = `${indent}  `;
  if (isList(value))
    return block(
      value.map((item) => writeNode(item, inner)),
      '[]',
      indent,
    );
  if (!isMap(value)) return writeScalar(value);
  return block(
    Array.from(value, ([key, child]) => `${writeScalar(key)}: ${writeNode(child, inner)}`),
    '{}',
    indent,
  );
}

function block(items: readonly string[], brackets: string, indent: string): string {
  if (items.length === 0) return brackets;
  return `${brackets.slice(0, 1)}${indent}  ${items.join(`,${indent}  `)}${indent}${brackets.slice(1)}`;
}

function writeScalar(value: string | number | boolean | null): string {
  const text = JSON.stringify(value);
  return text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
