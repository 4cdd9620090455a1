// Writes plain data as YAML, letter for letter as go-yaml writes it with an indent of two.
import { formatFloat } from '../bind/go-format.ts';
import { isList, isMap, type Printed } from './printed.ts';
import { scalarStyle, type ScalarStyle } from './scalar-style.ts';
import { doubleQuoted, literalBlock, singleQuoted } from './quotes.ts';

/** A document that ends with a newline. */
export function writeYaml(value: Printed): string {
  const lines = writeNode(value, 0);
  return `${lines.trimStart()}\n`;
}

const pad = (depth: number): string => '  '.repeat(depth);

/** The text of a value behind "key:" or "-": " scalar", or lines of its own. */
function writeNode(value: Printed, depth: number): string {
  if (isList(value)) return value.length === 0 ? ' []' : value.map((item) => writeItem(item, depth)).join('');
  if (!isMap(value)) return ` ${writeScalar(value, depth)}`;
  return value.size === 0 ? ' {}' : Array.from(value, ([key, child]) => writeEntry(key, child, depth)).join('');
}

function writeEntry(key: string, value: Printed, depth: number): string {
  const style = scalarStyle(key, true);
  if (key.includes('\n'))
    return `\n${pad(depth)}? ${literalBlock(key, pad(depth + 1))}\n${pad(depth)}:${writeNode(value, depth + 1)}`;
  return `\n${pad(depth)}${quote(key, style, depth)}:${writeNode(value, depth + 1)}`;
}

/** The first key of a mapping stands behind the dash. */
function writeItem(item: Printed, depth: number): string {
  const inner = writeNode(item, depth + 1);
  return `\n${pad(depth)}-${inner.startsWith('\n') ? ` ${inner.slice(1 + pad(depth + 1).length)}` : inner}`;
}

function writeScalar(value: string | number | boolean | null, depth: number): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return isWhole(value) ? BigInt(value).toString() : formatFloat(value);
  return typeof value === 'boolean' ? String(value) : quote(value, scalarStyle(value, false), depth);
}

/** A number of more than 64 bits is no integer for go-yaml. */
const isWhole = (value: number): boolean => Number.isInteger(value) && Math.abs(value) < 2 ** 64;

function quote(text: string, style: ScalarStyle, depth: number): string {
  if (style === 'plain') return text;
  if (style === 'single') return singleQuoted(text);
  return style === 'double' ? doubleQuoted(text) : literalBlock(text, pad(depth));
}
