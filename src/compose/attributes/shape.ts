// The words the attribute table is written in. A shape says which YAML a value may be, how its short forms become
// the long one, and what it is bound to in the Project. Checking, binding and printing all read the same table.
import type { Origin } from '../source.ts';
import type { ScalarTree, ScalarType, Tree } from '../tree.ts';

/** What a leaf becomes in the Project. `text` is any scalar as Go prints it. */
export type LeafType =
  'string' | 'text' | 'integer' | 'whole' | 'number' | 'boolean' | 'duration' | 'bytes' | 'mode' | 'any';

/** Reports a problem of the value at hand. */
export type Report = (message: string, origin: Origin, hint?: string) => void;

/** Turns a short form into the long one; a value it cannot read is reported and left as it is. */
export type Canon = (tree: Tree, report: Report) => Tree;

/**
 * `hosts`: a list of host=address; `ssh`: a list; `env-file`: its path, where nothing else is said of it; `part`: a mapping
 * that YAML output leaves out when it is empty; `capitals`: its keys begin with capitals in JSON.
 */
export type PrintForm = 'hosts' | 'ssh' | 'env-file' | 'part' | 'capitals';

interface Common {
  /** Applied to the value once its parts are in long form. */
  readonly canon?: Canon;
  /** Printed even when it is zero or empty, because "not given" differs from that. */
  readonly keep?: boolean | 'yaml';
  /** How the bound value is printed, where that is not as it is. */
  readonly print?: PrintForm;
}

/** A single value. */
export interface ScalarShape extends Common {
  readonly kind: 'scalar';
  readonly accepts: readonly ScalarType[];
  readonly as: LeafType;
  readonly oneOf?: readonly string[];
  /** Text must match; `sample` says what is meant. */
  readonly pattern?: { readonly regex: RegExp; readonly sample: string };
  readonly min?: number;
  readonly max?: number;
}

/** A sequence. */
export interface ListShape extends Common {
  readonly kind: 'list';
  readonly item: Shape;
  readonly unique?: boolean;
}

/** A mapping with known keys. The order of `fields` is the order of printing. */
export interface ObjectShape extends Common {
  readonly kind: 'object';
  readonly fields: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  /** `x-` keys are allowed. Default true. */
  readonly extensions?: boolean;
  /** Unknown keys are let through. */
  readonly open?: boolean;
}

/** A mapping with names chosen by the writer. */
export interface DictShape extends Common {
  readonly kind: 'dict';
  readonly value: Shape;
  readonly keys?: RegExp;
}

/** One of several, told apart by the kind of YAML. */
export interface UnionShape extends Common {
  readonly kind: 'union';
  readonly options: readonly Shape[];
}

/** Anything at all. */
export interface AnyShape extends Common {
  readonly kind: 'any';
}

/** A shape of values. */
export type Shape = ScalarShape | ListShape | ObjectShape | DictShape | UnionShape | AnyShape;

const scalar = (accepts: readonly ScalarType[], as: LeafType, more: Partial<ScalarShape> = {}): ScalarShape => ({
  kind: 'scalar',
  accepts,
  as,
  ...more,
});

/** Only a string. */
export const string = (more: Partial<ScalarShape> = {}): ScalarShape => scalar(['string'], 'string', more);
/** One of these words. */
export const word = (...oneOf: readonly string[]): ScalarShape => scalar(['string'], 'string', { oneOf });
/** A string or number, kept as text. */
export const stringOrNumber = (): ScalarShape => scalar(['string', 'integer', 'float', 'timestamp'], 'text');
/** A string or whole number, kept as text. */
export const stringOrInteger = (): ScalarShape => scalar(['string', 'integer'], 'text');
/** Any scalar, kept as text; null stays null. */
export const anyScalar = (more: Partial<ScalarShape> = {}): ScalarShape =>
  scalar(['string', 'integer', 'float', 'boolean', 'timestamp', 'null'], 'text', more);
/** A whole number, or text that holds one. */
export const integer = (more: Partial<ScalarShape> = {}): ScalarShape => scalar(['integer', 'string'], 'integer', more);
/** A whole number where the specification allows fractions to be written: they are cut off. */
export const wholeNumber = (more: Partial<ScalarShape> = {}): ScalarShape =>
  scalar(['integer', 'float', 'string'], 'whole', more);
/** A number, or text that holds one. */
export const number = (more: Partial<ScalarShape> = {}): ScalarShape =>
  scalar(['integer', 'float', 'string'], 'number', more);
/** A boolean, or text that holds one. */
export const boolean = (): ScalarShape => scalar(['boolean', 'string'], 'boolean');
/** A duration with units. */
export const duration = (): ScalarShape => scalar(['string'], 'duration');
/** A size in bytes, or with a unit. */
export const bytes = (more: Partial<ScalarShape> = {}): ScalarShape =>
  scalar(['integer', 'float', 'string'], 'bytes', more);
/** A size in whole bytes, or with a unit. */
export const wholeBytes = (more: Partial<ScalarShape> = {}): ScalarShape =>
  scalar(['integer', 'string'], 'bytes', more);
/** File mode bits. */
export const mode = (): ScalarShape => scalar(['integer', 'string'], 'mode');
/** Nothing. */
export const nothing = (): ScalarShape => scalar(['null'], 'any');
/** Anything. */
export const any = (): AnyShape => ({ kind: 'any' });

/** A sequence of items. */
export const list = (item: Shape, more: Partial<ListShape> = {}): ListShape => ({ kind: 'list', item, ...more });
/** A sequence without repetitions. */
export const unique = (item: Shape): ListShape => list(item, { unique: true });
/** A mapping with known keys. */
export const object = (fields: Readonly<Record<string, Shape>>, more: Partial<ObjectShape> = {}): ObjectShape => ({
  kind: 'object',
  fields,
  ...more,
});
/** A mapping with free names. */
export const dict = (value: Shape, more: Partial<DictShape> = {}): DictShape => ({ kind: 'dict', value, ...more });
/** One of several. */
export const union = (options: readonly Shape[], canon?: Canon): UnionShape => ({
  kind: 'union',
  options,
  ...(canon && { canon }),
});

/** A value whose zero means something. */
export const kept = <S extends Shape>(shape: S): S => ({ ...shape, keep: true });
/** A value whose zero is printed, but not in JSON. */
export const keptInYaml = <S extends Shape>(shape: S): S => ({ ...shape, keep: 'yaml' });
/** A mapping that is left out of the output when it is empty. */
export const part = (shape: ObjectShape): ObjectShape => ({ ...shape, print: 'part' });

/** The option of a shape that fits the kind of a value; undefined when none does. */
export function pickShape(shape: Shape, tree: Tree): Exclude<Shape, UnionShape> | undefined {
  if (shape.kind !== 'union') return fits(shape, tree) ? shape : undefined;
  for (const option of shape.options) {
    const picked = pickShape(option, tree);
    if (picked) return picked;
  }
  return undefined;
}

function fits(shape: Exclude<Shape, UnionShape>, tree: Tree): boolean {
  if (shape.kind === 'any') return true;
  if (shape.kind === 'scalar')
    return tree.kind === 'scalar' && (shape.accepts.includes(tree.type) || isWholeFor(shape, tree));
  return shape.kind === 'list' ? tree.kind === 'list' : tree.kind === 'map';
}

/** `1e3` is a whole number, too. */
const isWholeFor = ({ accepts, as }: ScalarShape, { value }: ScalarTree): boolean =>
  as !== 'text' && accepts.includes('integer') && typeof value === 'number' && Number.isInteger(value);
