// What a plain YAML scalar means, by the rules of go-yaml 3, which docker compose reads files with:
// YAML 1.2 booleans, but `0440` is octal and an unquoted date is a date.
import type { ScalarTree } from '../tree.ts';

type Value = Pick<ScalarTree, 'type' | 'value'>;

const WORDS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, { type: 'null', value: null }] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, { type: 'boolean', value: true }] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, { type: 'boolean', value: false }] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, { type: 'float', value: NaN }] as const),
  ...['.inf', '.Inf', '.INF'].flatMap((word) => [
    [word, { type: 'float', value: Infinity }] as const,
    [`+${word}`, { type: 'float', value: Infinity }] as const,
    [`-${word}`, { type: 'float', value: -Infinity }] as const,
  ]),
]);

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))$/;
const DATE = /^\d{4}-\d\d?-\d\d?(?:(?:[Tt]|[ \t]+)\d\d?:\d\d?:\d\d?(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)?)?$/;

/** Type and value of an unquoted, untagged scalar. */
export function resolvePlain(source: string): Value {
  const word = WORDS.get(source);
  if (word) return word;
  const first = source.charCodeAt(0);
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  return (numeric && (resolveInteger(source) ?? resolveOther(source))) || { type: 'string', value: source };
}

/** Value of a scalar with an explicit tag such as `!!int`; undefined when it does not fit. A tag of its own leaves text. */
export function resolveTagged(source: string, tag: string, isPlain: boolean): Value | undefined {
  if (tag.startsWith('!') || tag === 'tag:yaml.org,2002:str') return { type: 'string', value: source };
  const type = TYPE_OF_TAG[tag];
  if (type === 'null' && source === '') return { type, value: null };
  if (tag === 'tag:yaml.org,2002:binary') return { type: 'string', value: Buffer.from(source, 'base64').toString() };
  const value: Value = isPlain || source !== '' ? resolvePlain(source) : { type: 'string', value: source };
  if (type === 'float' && value.type === 'integer') return { type, value: Number(value.value) };
  return value.type === type ? value : undefined;
}

const TYPE_OF_TAG: Readonly<Record<string, Value['type']>> = {
  'tag:yaml.org,2002:int': 'integer',
  'tag:yaml.org,2002:bool': 'boolean',
  'tag:yaml.org,2002:null': 'null',
  'tag:yaml.org,2002:float': 'float',
};

function resolveInteger(source: string): Value | undefined {
  const match = INTEGER.exec(source.replaceAll('_', ''));
  if (!match) return undefined;
  const [, sign, hex, binary, octal, decimal = '0'] = match;
  const magnitude = BigInt(hex ? `0x${hex}` : binary ? `0b${binary}` : octal ? `0o${octal}` : decimal);
  const value = sign === '-' ? -magnitude : magnitude;
  if (value >= 2n ** 64n || value < -(2n ** 63n)) return undefined;
  const small = Number(value);
  return { type: 'integer', value: Number.isSafeInteger(small) ? small : value };
}

function resolveOther(source: string): Value | undefined {
  if (DATE.test(source)) return { type: 'timestamp', value: source };
  const digits = source.replaceAll('_', '');
  return FLOAT.test(digits) ? { type: 'float', value: Number(digits) } : undefined;
}
