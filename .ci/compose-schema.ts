// Makes a JSON Schema (2020-12) of the attribute table: what an editor needs to check and complete a compose file.
import { FILE } from '../src/compose/attributes/file.ts';
import type { ObjectShape, ScalarShape, Shape } from '../src/compose/attributes/shape.ts';
import { limitOf } from '../src/compose/attributes/support.ts';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
type Schema = Readonly<Record<string, Json>>;

/** Element kinds that stand under a name of their own. */
const NAMED: Readonly<Record<string, string>> = {
  'services.*': 'service',
  'networks.*': 'network',
  'volumes.*': 'volume',
  'secrets.*': 'secret',
  'configs.*': 'config',
  'models.*': 'model',
  'include.*': 'include',
};

/** The text of compose-spec/schema.json. */
export function composeSchema(): string {
  const named = new Map<string, Schema>();
  const root = schemaOf(FILE, '', named);
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Compose file',
    ...root,
    $defs: Object.fromEntries(named),
  };
  return `${JSON.stringify(schema, undefined, 2)}\n`;
}

function schemaOf(shape: Shape, path: string, named: Map<string, Schema>): Schema {
  const name = NAMED[path];
  if (name === undefined) return bare(shape, path, named);
  if (!named.has(name)) named.set(name, bare(shape, path, named));
  return { $ref: `#/$defs/${name}` };
}

function bare(shape: Shape, path: string, named: Map<string, Schema>): Schema {
  const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
  switch (shape.kind) {
    case 'any':
      return {};
    case 'scalar':
      return scalarSchema(shape);
    case 'union':
      return { anyOf: shape.options.map((option) => bare(option, path, named)) };
    case 'list':
      return {
        type: 'array',
        items: schemaOf(shape.item, below('*'), named),
        ...(shape.unique === true && { uniqueItems: true }),
      };
    case 'dict': {
      const value = schemaOf(shape.value, below('*'), named);
      if (!shape.keys) return { type: 'object', additionalProperties: value };
      return { type: 'object', patternProperties: { [shape.keys.source]: value }, additionalProperties: false };
    }
    case 'object':
      return objectSchema(shape, path, named);
  }
}

function objectSchema(shape: ObjectShape, path: string, named: Map<string, Schema>): Schema {
  const properties = Object.entries(shape.fields).map(([key, field]) => {
    const at = path === '' ? key : `${path}.${key}`;
    return [key, { ...schemaOf(field, at, named), ...remark(at) }] as const;
  });
  return {
    type: 'object',
    properties: Object.fromEntries(properties),
    ...(shape.extensions !== false && { patternProperties: { '^x-': {} } }),
    ...(shape.open !== true && { additionalProperties: false }),
    ...(shape.required && { required: shape.required }),
  };
}

/** What an editor shows beside an attribute that is not applied. */
function remark(path: string): Schema {
  const limit = limitOf(path);
  if (!limit) return {};
  return { description: `${limit.as === 'refused' ? 'Refused' : 'Not applied'}: ${limit.why}.` };
}

const TYPES: Readonly<Record<string, string>> = { float: 'number', timestamp: 'string' };

/** A boolean or number may also be a text with a variable in it. */
function scalarSchema(shape: ScalarShape): Schema {
  const types = [...new Set(shape.accepts.map((type) => TYPES[type] ?? type))];
  return {
    type: types.length === 1 ? (types[0] ?? 'string') : types,
    ...(shape.oneOf && { enum: shape.oneOf }),
    ...(shape.pattern && { pattern: shape.pattern.regex.source }),
    ...(shape.min !== undefined && { minimum: shape.min }),
    ...(shape.max !== undefined && { maximum: shape.max }),
  };
}
