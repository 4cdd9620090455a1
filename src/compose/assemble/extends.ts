// `extends`: a service built on another one, of the same file or of another file.
import { dirname, relative, resolve } from 'node:path';
import { didYouMean } from '../../base/did-you-mean.ts';
import { isGantryError } from '../../base/error.ts';
import { mergeTrees } from '../merge/merge.ts';
import { strip } from '../merge/marks.ts';
import { enforceUnique } from '../merge/unique.ts';
import { resolvePaths } from '../normalize/paths.ts';
import { passed, type Origin } from '../source.ts';
import { entriesOf, get, mapOf, stringOf, update, withKey, type MapTree, type Tree } from '../tree.ts';
import type { Diagnostic } from '../../base/diagnostic.ts';
import type { Problems } from '../problems.ts';
import type { AssembleContext } from './context.ts';
import { readDocuments } from './document.ts';

/** A step of a chain, to name it when it is a circle. */
interface Hop {
  readonly file: string;
  readonly service: string;
  readonly origin: Origin;
}

/** Services of one file, while their bases are looked up. */
interface Scope {
  readonly file: string;
  readonly services: Tree | undefined;
  readonly context: AssembleContext;
  /** Services that are complete, by name: many may have the same base. */
  readonly complete: Map<string, Tree>;
  /** The files read for this document, by path. */
  readonly scopes: Map<string, Scope>;
}

/** The document with each service merged over its base. */
export async function applyExtends(document: MapTree, file: string, context: AssembleContext): Promise<MapTree> {
  const services = get(document, 'services');
  const scope: Scope = { file, services, context, complete: new Map(), scopes: new Map() };
  if (services?.kind !== 'map') return document;
  const entries = new Map(services.entries);
  for (const [name, { key, value }] of services.entries)
    if (value.kind === 'map' && value.entries.has('extends'))
      entries.set(name, { key, value: await extend(value, name, scope, []) });
  return withKey(document, 'services', { ...services, entries });
}

async function extend(service: MapTree, name: string, scope: Scope, chain: readonly Hop[]): Promise<Tree> {
  const known = scope.complete.get(name);
  if (known) return known;
  const complete = await extendAnew(service, name, scope, chain);
  scope.complete.set(name, complete);
  return complete;
}

async function extendAnew(service: MapTree, name: string, scope: Scope, chain: readonly Hop[]): Promise<Tree> {
  const { problems } = scope.context;
  const reference = get(service, 'extends');
  const own = withKey(service, 'extends', undefined);
  const target = stringOf(get(reference, 'service'));
  if (reference === undefined || target === undefined) return service;
  const hop: Hop = { file: scope.file, service: name, origin: reference.origin };
  if (chain.some((one) => one.file === hop.file && one.service === name)) return circle([...chain, hop], own, scope);
  const path = stringOf(get(reference, 'file'));
  const base =
    path === undefined ? scope : await openScope(path, get(reference, 'file')?.origin ?? reference.origin, scope);
  if (!base) return own;
  const found = get(base.services, target);
  if (found?.kind !== 'map') {
    reportUnknown({ name, target, base }, get(reference, 'service')?.origin ?? reference.origin, problems);
    return own;
  }
  const complete = found.entries.has('extends') ? await extend(found, target, base, [...chain, hop]) : found;
  const placed = base === scope ? complete : relocate(complete, base.context, scope.context);
  const brought = { ...placed, origin: passed(placed.origin, 'extends', reference.origin) };
  return enforced(mergeTrees(strip(withoutMarked(brought, own)), own, ['services', name], problems), name);
}

interface Unknown {
  readonly name: string;
  readonly target: string;
  readonly base: Scope;
}

/** A file that could not be read defines nothing: that has been said. */
function reportUnknown({ name, target, base }: Unknown, origin: Origin, problems: Problems): void {
  const isBroken = ({ severity, range }: Diagnostic): boolean => severity === 'error' && range?.file === base.file;
  if (!base.services && problems.all().some(isBroken)) return;
  const names = [...entriesOf(base.services)].map(([key]) => key);
  const hint =
    didYouMean(target, names) ?? (names.length === 0 ? 'it has no services' : `there is: ${names.join(', ')}`);
  const message = `services.${name} extends "${target}", which ${base.file} does not define`;
  problems.error('compose/unknown-service', message, origin, { hint });
}

/** Marks in the extending service clear the base as they clear an earlier file. */
function withoutMarked(base: Tree, own: MapTree): Tree {
  return [...own.entries].reduce(
    (tree, [key, { value }]) => (value.mark ? update(tree, [key], () => undefined) : tree),
    base,
  );
}

function enforced(service: Tree, name: string): Tree {
  const wrap = (tree: Tree, key: string): Tree => mapOf([[key, { key: tree.origin, value: tree }]], tree.origin);
  return get(enforceUnique(wrap(wrap(service, name), 'services')), 'services', name) ?? service;
}

/** Relative paths of the base begin at its own file; they stay relative, to the folder of the service it is for. */
function relocate(service: Tree, { dir, env }: AssembleContext, above: AssembleContext): Tree {
  const wrap = (tree: Tree, key: string): Tree => mapOf([[key, { key: tree.origin, value: tree }]], tree.origin);
  const model = resolvePaths(wrap(wrap(service, 'base'), 'services'), {
    dir: relative(above.dir, dir),
    home: env['HOME'],
  });
  return get(model, 'services', 'base') ?? service;
}

async function openScope(path: string, origin: Origin, scope: Scope): Promise<Scope | undefined> {
  const file = resolve(scope.context.dir, path);
  const known = scope.scopes.get(file);
  if (known) return known;
  const context = { ...scope.context, dir: dirname(file) };
  try {
    const [first, ...rest] = await readDocuments(file, context);
    const merged = rest.reduce<Tree | undefined>(
      (tree, next) => (tree ? mergeTrees(tree, next, [], context.problems) : next),
      first,
    );
    const opened = { ...scope, file, services: get(merged, 'services'), context, complete: new Map<string, Tree>() };
    scope.scopes.set(file, opened);
    return opened;
  } catch (error) {
    if (!isGantryError(error)) throw error;
    context.problems.error(error.code, error.message, origin, error.hint === undefined ? {} : { hint: error.hint });
    return undefined;
  }
}

function circle(chain: readonly Hop[], own: Tree, { context }: Scope): Tree {
  const hops = fromSmallest(chain);
  const words = hops.map((hop) => hop.service).join(' -> ');
  const related = hops.slice(0, -1).map((hop, index) => ({
    message: `${hop.service} extends ${hops[index + 1]?.service ?? ''}`,
    origin: hop.origin,
  }));
  const first = hops[0];
  context.problems.error('compose/extends-cycle', `extends goes in a circle: ${words}`, first?.origin ?? own.origin, {
    related,
    hint: 'take one of these lines out',
  });
  return own;
}

/** The same circle is the same wherever it is entered: from its first name, round to it. */
function fromSmallest(chain: readonly Hop[]): readonly Hop[] {
  const last = chain.at(-1);
  const begin = chain.findIndex((hop) => hop.file === last?.file && hop.service === last.service);
  const round = chain.slice(begin, -1);
  const names = round.map((hop) => `${hop.file}\0${hop.service}`);
  const first = names.indexOf([...names].sort()[0] ?? '');
  const turned = [...round.slice(first), ...round.slice(0, first)];
  return turned[0] ? [...turned, turned[0]] : chain;
}
