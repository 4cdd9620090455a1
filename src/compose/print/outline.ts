// The bound project as it is printed: known attributes in the order of the table, free names sorted, what says nothing
// left out. What is left out, and where, is docker compose's habit, so that outputs can be compared.
import { pickBound } from './pick.ts';
import type { ObjectShape, Shape } from '../attributes/shape.ts';
import type { Plain } from '../bind/bind.ts';
import { compareNames } from './natural.ts';
import { isMap, type Printed } from './printed.ts';

/** `json` shows a few empty mappings and nulls that `yaml` leaves out. */
export type PrintFormat = 'yaml' | 'json';

type Fields = readonly (readonly [string, Printed])[];

/** The printed form of a value of a shape; undefined when it is left out. */
export function outline(value: Plain | undefined, shape: Shape, format: PrintFormat): Printed | undefined {
  if (value === undefined) return undefined;
  if (shape.print === 'hosts') return hostList(value);
  if (shape.print === 'ssh') return sshList(value);
  if (shape.print === 'env-file') return envFile(value);
  const picked = pickBound(shape, value);
  if (value === null) return null;
  if (Array.isArray(value)) return listOutline(value as readonly Plain[], picked, format);
  if (typeof value !== 'object') return scalarOutline(value, picked);
  const map = value as Readonly<Record<string, Plain>>;
  return new Map(picked.kind === 'object' ? objectFields(map, picked, format) : dictFields(map, picked, format));
}

/** Sizes are printed as text. */
function scalarOutline(value: string | number | boolean, shape: Shape): Printed {
  return shape.kind === 'scalar' && shape.as === 'bytes' ? String(value) : value;
}

function listOutline(list: readonly Plain[], shape: Shape, format: PrintFormat): Printed {
  const item: Shape = shape.kind === 'list' ? shape.item : { kind: 'any' };
  return list.map((one) => outline(one, item, format) ?? null);
}

function dictFields(map: Readonly<Record<string, Plain>>, shape: Shape, format: PrintFormat): Fields {
  const value: Shape = shape.kind === 'dict' ? shape.value : { kind: 'any' };
  // Go's JSON sorts by bytes, its YAML by numbers within names
  const names = Object.keys(map).sort(format === 'json' ? undefined : compareNames);
  return names.map((name) => [name, outline(map[name], value, format) ?? null] as const);
}

function objectFields(map: Readonly<Record<string, Plain>>, shape: ObjectShape, format: PrintFormat): Fields {
  const known = Object.entries(shape.fields).flatMap(([key, field]): Fields => {
    const printed = fieldOutline(map[key], field, format);
    return printed === undefined ? [] : [[key, printed]];
  });
  if (format === 'json') return shape.print === 'capitals' ? known.map(capital) : known;
  const extensions = Object.keys(map).filter((key) => key.startsWith('x-'));
  return [
    ...known,
    ...extensions
      .sort(compareNames)
      .map((key): [string, Printed] => [key, outline(map[key], { kind: 'any' }, format) ?? null]),
  ];
}

function fieldOutline(value: Plain | undefined, field: Shape, format: PrintFormat): Printed | undefined {
  const isCommand = field.kind === 'union' && field.keep === true;
  if (isCommand && (value === undefined || value === null)) return format === 'json' ? null : undefined;
  if (value === undefined && field.print === 'part' && format === 'json') return outline({}, field, format);
  if (value === undefined || value === null) return undefined;
  const printed = outline(value, field, format);
  if (field.keep === true || field.keep === format) return printed;
  return isNothing(printed, field, format) ? undefined : printed;
}

/** Zero, "", false and empty; but an empty mapping of known keys was asked for, so it stays. */
function isNothing(printed: Printed | undefined, field: Shape, format: PrintFormat): boolean {
  if (printed === undefined || printed === '' || printed === 0 || printed === false) return true;
  if (printed === '0' || printed === '0s')
    return field.kind === 'scalar' && (field.as === 'bytes' || field.as === 'duration');
  if (Array.isArray(printed)) return printed.length === 0;
  if (!isMap(printed) || printed.size > 0) return false;
  const picked = pickBound(field, {});
  return picked.kind !== 'object' || (picked.print === 'part' && format === 'yaml');
}

function hostList(value: Plain): Printed {
  const hosts = value as Readonly<Record<string, readonly string[]>>;
  return Object.entries(hosts)
    .flatMap(([host, addresses]) => addresses.map((address) => `${host}=${address}`))
    .sort();
}

/** As Go names what has no name in JSON. */
const capital = ([key, value]: Fields[number]): Fields[number] => [
  `${key.slice(0, 1).toUpperCase()}${key.slice(1)}`,
  value,
];

function envFile(value: Plain): Printed {
  const { path = '', required = true, format } = value as Readonly<Record<string, string | boolean>>;
  if (required !== false && format === undefined) return path;
  return new Map<string, Printed>([
    ['path', path],
    ['required', required],
    ...(format ? [['format', format] as const] : []),
  ]);
}

function sshList(value: Plain): Printed {
  const keys = Object.entries(value as Readonly<Record<string, string | null>>);
  return keys.map(([id, path]) => (path === null ? id : `${id}: ${path}`));
}
