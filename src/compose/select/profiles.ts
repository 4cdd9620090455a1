// Which services are on: by profile, and by being named together with what they depend on.
import { GantryError } from '../../base/error.ts';
import { didYouMean } from '../../base/did-you-mean.ts';
import { createDag } from '../dag.ts';
import { entriesOf, get, itemsOf, mapValues, stringOf, update, withKey, type Entry, type Tree } from '../tree.ts';

/** A model with only the services that are on, and the others. */
export interface Selection {
  readonly model: Tree;
  readonly disabled: ReadonlyMap<string, Entry>;
}

/** Switches services off whose profiles are not among `profiles`; '*' is all of them. */
export function applyProfiles(model: Tree, profiles: readonly string[]): Selection {
  const on = (service: Tree): boolean => {
    const own = itemsOf(get(service, 'profiles')).map((item) => stringOf(item) ?? '');
    return own.length === 0 || profiles.includes('*') || own.some((profile) => profiles.includes(profile));
  };
  return split(model, (_, service) => on(service), new Map());
}

/** The profiles of services that are named: naming a service switches its profiles on. */
export function profilesOf(model: Tree, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => itemsOf(get(model, 'services', name, 'profiles')).map((item) => stringOf(item) ?? ''));
}

/** Keeps the named services and all they depend on. Throws compose/unknown-service. */
export function selectServices({ model, disabled }: Selection, names: readonly string[]): Selection {
  const services = [...entriesOf(get(model, 'services'))];
  const dag = createDag<undefined>();
  for (const [name] of services) dag.addVertex(name, undefined);
  for (const [name, { value }] of services)
    for (const [needed] of entriesOf(get(value, 'depends_on')))
      if (dag.has(needed)) dag.addEdge(name, needed, undefined);
  for (const name of names) if (!dag.has(name)) throw unknownService(name, dag.ids());
  const kept = dag.reach(names, 'needs');
  const selected = split(model, (name) => kept.has(name), disabled);
  return { ...selected, model: update(selected.model, ['services', '*', 'depends_on'], (map) => onlyNames(map, kept)) };
}

/** Optional dependencies that are not kept are forgotten. */
function onlyNames(map: Tree, names: ReadonlySet<string>): Tree {
  if (map.kind !== 'map') return map;
  return mapValues(map, (value, name) => (names.has(name) || !isOptional(value) ? value : undefined));
}

/** True for a dependency with `required: false`. */
export function isOptional(dependency: Tree): boolean {
  const required = get(dependency, 'required');
  return required?.kind === 'scalar' && /^(?:false|no|n|off)$/i.test(String(required.value));
}

/** The error for a name that no service has. */
export function unknownService(name: string, known: Iterable<string>): GantryError {
  const hint = didYouMean(name, known);
  return new GantryError('compose/unknown-service', `no such service: ${name}`, hint === undefined ? {} : { hint });
}

function split(
  model: Tree,
  on: (name: string, service: Tree) => boolean,
  before: ReadonlyMap<string, Entry>,
): Selection {
  const services = get(model, 'services');
  if (services?.kind !== 'map' || model.kind !== 'map') return { model, disabled: before };
  const enabled = new Map<string, Entry>();
  const disabled = new Map<string, Entry>(before);
  for (const [name, entry] of services.entries) (on(name, entry.value) ? enabled : disabled).set(name, entry);
  return { model: withKey(model, 'services', { ...services, entries: enabled }), disabled };
}
