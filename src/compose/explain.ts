// Says of values of a loaded model where they came from: the place, the variables in it, and the values of other files
// that it took the place of. Reads nothing but what the loader has read.
import { basename } from 'node:path';
import type { Env } from '../base/env.ts';
import type { SourceRange } from '../base/diagnostic.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import { GantryError } from '../base/error.ts';
import { FILE } from './attributes/file.ts';
import { canonicalTree } from './canonical/canonical.ts';
import { variableNames } from './interpolate/variables.ts';
import type { LoadResult } from './load-types.ts';
import { createProblems } from './problems.ts';
import { rangeOf, sourceLine, type Origin } from './source.ts';
import { get, stringOf, type Tree } from './tree.ts';

/** A place and the line that stands there. */
export interface ExplainedPlace {
  readonly range: SourceRange;
  readonly line: string;
}

/** Where one value came from. */
export interface Explained {
  /** Dotted. */
  readonly path: string;
  readonly value: string | number | boolean | null;
  readonly place: ExplainedPlace;
  /** The files do not say it: it follows from what stands at the place. */
  readonly implied: boolean;
  /** Variables of the text at the place; undefined is not set. */
  readonly variables: readonly { readonly name: string; readonly value: string | undefined }[];
  /** Other places that say something of this path, in the order they were read. */
  readonly overridden: readonly ExplainedPlace[];
}

/** Explains each value at and below a dotted path. Throws usage/invalid-flag when there is nothing. */
export function explainPath(loaded: LoadResult, path: string): readonly Explained[] {
  const written = [...loaded.documents.values()].flat().map((tree) => canonicalTree(tree, FILE, '', createProblems()));
  return explainBelow({ written, environment: loaded.project.environment }, walk(loaded.model, path));
}

/** What is known of all files. */
interface Known {
  /** Documents in long form, variables not filled in. */
  readonly written: readonly Tree[];
  readonly environment: Env;
}

interface At {
  readonly keys: readonly string[];
  readonly tree: Tree;
  readonly implied: boolean;
  /** Lists grow when files are merged: what stands at the same index elsewhere is another item. */
  readonly inList: boolean;
}

/** A key may hold dots: the longest that is there is taken. */
function walk(model: Tree, path: string): At {
  let at: At = { keys: [], tree: model, implied: false, inList: false };
  const parts = path.split('.');
  while (parts.length > 0) {
    const children = new Map(childrenOf(at));
    let length = parts.length;
    while (length > 0 && !children.has(parts.slice(0, length).join('.'))) length--;
    const next = children.get(parts.slice(0, length).join('.'));
    if (!next || length === 0) throw nothingAt(at.keys, parts[0] ?? '', [...children.keys()]);
    parts.splice(0, length);
    at = next;
  }
  return at;
}

function nothingAt(keys: readonly string[], key: string, known: readonly string[]): GantryError {
  const hint = didYouMean(key, known) ?? `there is: ${known.slice(0, 20).join(', ')}`;
  const where = keys.length === 0 ? 'the project' : keys.join('.');
  return new GantryError('usage/invalid-flag', `${where} has no "${key}"`, known.length === 0 ? {} : { hint });
}

function childrenOf({ keys, tree, implied, inList }: At): readonly (readonly [string, At])[] {
  const child = (key: string, value: Tree): readonly [string, At] => [
    key,
    {
      keys: [...keys, key],
      tree: value,
      // a short form stands in one place with all its parts
      implied: implied || (tree.kind === 'map' && keys.length <= 2 && isSame(value.origin, tree.origin)),
      inList: inList || tree.kind === 'list',
    },
  ];
  if (tree.kind === 'map') return [...tree.entries].map(([key, { value }]) => child(key, value));
  return tree.kind === 'list' ? tree.items.map((item, index) => child(String(index), item)) : [];
}

const isSame = (a: Origin, b: Origin): boolean => a.source === b.source && a.start === b.start && a.end === b.end;

function explainBelow(known: Known, at: At): readonly Explained[] {
  if (at.tree.kind !== 'scalar') return childrenOf(at).flatMap(([, child]) => explainBelow(known, child));
  const { origin, value } = at.tree;
  const text = origin.source.text.slice(origin.start, origin.end);
  return [
    {
      path: at.keys.join('.'),
      value: typeof value === 'bigint' ? String(value) : value,
      place: placeOf(origin),
      implied: at.implied,
      variables: at.implied ? [] : variableNames(text).map((name) => ({ name, value: known.environment[name] })),
      overridden: at.implied || at.inList ? [] : others(known.written, at),
    },
  ];
}

const placeOf = (origin: Origin): ExplainedPlace => ({ range: rangeOf(origin), line: sourceLine(origin).trim() });

/** Values written at the same path elsewhere, also in what a service extends. */
function others(written: readonly Tree[], { keys, tree }: At): readonly ExplainedPlace[] {
  const [section = '', name = '', ...rest] = keys;
  const values = written.flatMap((document) =>
    keys.length < 2
      ? get(document, section)
      : bodiesOf(written, document, [section, name]).map((body) => get(body, ...rest)),
  );
  const found = values.filter((value) => value !== undefined && !isSame(value.origin, tree.origin));
  return [...new Set(found)].flatMap((value) => (value ? placeOf(value.origin) : []));
}

/** The element in a document, behind what it extends. */
function bodiesOf(
  written: readonly Tree[],
  document: Tree,
  [section, name]: readonly [string, string],
): readonly Tree[] {
  const bodies: Tree[] = [];
  for (let at: readonly [Tree, string] | undefined = [document, name]; at;) {
    const body: Tree | undefined = get(at[0], section, at[1]);
    if (!body || bodies.includes(body)) break;
    bodies.unshift(body);
    at = baseOf(written, at[0], body);
  }
  return bodies;
}

function baseOf(written: readonly Tree[], document: Tree, body: Tree): readonly [Tree, string] | undefined {
  const service = stringOf(get(body, 'extends', 'service'));
  const file = stringOf(get(body, 'extends', 'file'));
  const holder =
    file === undefined ? document : written.find(({ origin }) => origin.source.path.endsWith(basename(file)));
  return service === undefined || holder === undefined ? undefined : [holder, service];
}
