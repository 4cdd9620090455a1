// Says of values of a loaded model where they came from: the place, what brought them there, the variables in them, and
// the values they took the place of. Reads nothing but the trees of the loader, which remember it.
import type { SourceRange } from '../base/diagnostic.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import { GantryError } from '../base/error.ts';
import type { LoadResult } from './load-types.ts';
import { isSamePlace, rangeOf, sourceLine, type Origin, type Passage, type UsedVariable } from './source.ts';
import { withKey, type Tree } from './tree.ts';
import { sourcesAt, sourcesOf, type WrittenSource } from './written.ts';

/** A place and the line that stands there. */
export interface ExplainedPlace {
  readonly range: SourceRange;
  readonly line: string;
}

/** A variable of an expression; the place is there when a file sets it. */
export type ExplainedVariable = Omit<UsedVariable, 'origin'> & { readonly place?: ExplainedPlace };

/** Where one value came from. */
export interface Explained {
  /** Dotted. */
  readonly path: string;
  /** A mapping or list is given only when it is empty. */
  readonly value: string | number | boolean | null | readonly never[] | Readonly<Record<string, never>>;
  readonly place: ExplainedPlace;
  /** The files do not say it: it follows from what stands at the place. */
  readonly implied: boolean;
  /** Lines that brought the value here from where it is written, the innermost first. */
  readonly through: readonly { readonly by: Passage['by']; readonly place: ExplainedPlace }[];
  readonly variables: readonly ExplainedVariable[];
  /** Values it took the place of, the lowest first. */
  readonly overridden: readonly ExplainedPlace[];
}

/** Explains each value at and below a dotted path. Throws usage/invalid-flag when there is nothing. */
export function explainPath(loaded: LoadResult, path: string): readonly Explained[] {
  const model = laidOver(loaded.model, loaded.chosen);
  return explainBelow(walk({ keys: [], tree: model, sources: sourcesOf(model) }, path));
}

/** What is chosen has its environment files read; what is not chosen can be asked for as well. */
function laidOver(model: Tree, chosen: Tree): Tree {
  if (model.kind !== 'map' || chosen.kind !== 'map') return model;
  let result = model;
  for (const [section, { value }] of chosen.entries) {
    const whole = model.entries.get(section)?.value;
    const both = whole?.kind === 'map' && value.kind === 'map';
    const tree = both ? { ...whole, entries: new Map([...whole.entries, ...value.entries]) } : value;
    result = withKey(result, section, tree);
  }
  return result;
}

interface At {
  readonly keys: readonly string[];
  readonly tree: Tree;
  readonly sources: readonly WrittenSource[];
}

/** A key may hold dots: the longest that is there is taken. */
function walk(root: At, path: string): At {
  let at = root;
  const parts = path.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  while (parts.length > 0) {
    const children = new Map(childrenOf(at.tree));
    let length = parts.length;
    while (length > 0 && !children.has(parts.slice(0, length).join('.'))) length--;
    const key = parts.slice(0, length).join('.');
    const child = children.get(key);
    if (!child || length === 0) throw nothingAt(at.keys, parts[0] ?? '', [...children.keys()]);
    parts.splice(0, length);
    at = below(at, key, child);
  }
  return at;
}

function nothingAt(keys: readonly string[], key: string, known: readonly string[]): GantryError {
  const more = known.length > 20 ? ', …' : '';
  const hint = didYouMean(key, known) ?? `there is: ${known.slice(0, 20).join(', ')}${more}`;
  const where = keys.length === 0 ? 'the project' : keys.join('.');
  const message = known.length === 0 ? `${where} has nothing below it, so no "${key}"` : `${where} has no "${key}"`;
  return new GantryError('usage/invalid-flag', message, known.length === 0 ? {} : { hint });
}

function childrenOf(tree: Tree): readonly (readonly [string, Tree])[] {
  if (tree.kind === 'map') return [...tree.entries].map(([key, { value }]) => [key, value]);
  return tree.kind === 'list' ? tree.items.map((item, index) => [String(index), item]) : [];
}

const below = (at: At, key: string, tree: Tree): At => ({
  keys: [...at.keys, key],
  tree,
  sources: sourcesAt(at.sources, key, tree),
});

function explainBelow(at: At): readonly Explained[] {
  const children = childrenOf(at.tree);
  if (children.length > 0) return children.flatMap(([key, child]) => explainBelow(below(at, key, child)));
  const { origin } = at.tree;
  const own = at.sources.findLast(({ tree }) => isSamePlace(tree.origin, origin));
  const implied = origin.implied === true;
  const others = at.sources.filter(({ tree }) => !isSamePlace(tree.origin, origin));
  return [
    {
      path: at.keys.join('.'),
      value: valueOf(at.tree),
      place: placeOf(origin),
      implied,
      through: (own?.passages ?? origin.through ?? []).map((one) => ({ by: one.by, place: placeOf(one.origin) })),
      variables: implied ? [] : (origin.filled ?? []).map(explainVariable),
      overridden: others.filter(({ tree }) => tree.origin.implied !== true).map(({ tree }) => placeOf(tree.origin)),
    },
  ];
}

function valueOf(tree: Tree): Explained['value'] {
  if (tree.kind !== 'scalar') return tree.kind === 'map' ? {} : [];
  return typeof tree.value === 'bigint' ? String(tree.value) : tree.value;
}

const explainVariable = ({ origin, ...variable }: UsedVariable): ExplainedVariable => ({
  ...variable,
  ...(origin && { place: placeOf(origin) }),
});

const placeOf = (origin: Origin): ExplainedPlace => ({ range: rangeOf(origin), line: sourceLine(origin).trim() });
