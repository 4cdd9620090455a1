// Names a service uses must exist: services, networks, volumes, secrets, configs, models.
import { didYouMean } from '../../base/did-you-mean.ts';
import { isOptional } from '../select/profiles.ts';
import { entriesOf, get, itemsOf, stringOf, type Tree } from '../tree.ts';
import type { Origin } from '../source.ts';
import type { CheckContext, ServiceCheck } from './context.ts';

/** Everything a service refers to. */
export const checkReferences: ServiceCheck = (service, name, context) => {
  const where = `services.${name}`;
  for (const [network, { key }] of entriesOf(get(service, 'networks')))
    need(context, { kind: 'networks', name: network, origin: key, where });
  for (const mount of itemsOf(get(service, 'volumes'))) checkMount(mount, where, context);
  for (const kind of ['secrets', 'configs'] as const) checkFiles(get(service, kind), kind, where, context);
  checkFiles(get(service, 'build', 'secrets'), 'secrets', `${where}.build`, context);
  for (const [model, { key }] of entriesOf(get(service, 'models')))
    need(context, { kind: 'models', name: model, origin: key, where });
  checkDependencies(service, name, context);
  checkNamespaces(service, where, context);
  checkContexts(service, where, context);
};

const SINGULAR: Readonly<Record<string, string>> = {
  services: 'service',
  networks: 'network',
  volumes: 'volume',
  secrets: 'secret',
  configs: 'config',
  models: 'model',
};

interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly origin: Origin;
  readonly where: string;
}

function need(context: CheckContext, { kind, name, origin, where }: Reference): void {
  const known = get(context.model, kind);
  if (get(known, name)) return;
  if (context.problems.isFull()) return;
  const names = [...entriesOf(known)].flatMap(([key, { value }]) => (value.origin.implied === true ? [] : [key]));
  const hint = didYouMean(name, names) ?? declareHint(kind, name, names);
  const message = `${where} uses the ${SINGULAR[kind] ?? kind} "${name}", which is not defined`;
  context.problems.error(`compose/undefined-${SINGULAR[kind] ?? kind}`, message, narrowed(origin, name), { hint });
}

function declareHint(kind: string, name: string, names: readonly string[]): string {
  if (kind === 'volumes' && name.includes('/')) return `a path begins with "./" or "/": ./${name}`;
  const list = names.length === 0 || names.length > 10 ? '' : ` (there is: ${names.join(', ')})`;
  return `declare it under "${kind}:" at the top level${list}`;
}

/** The name inside a text that says more. */
function narrowed(origin: Origin, name: string): Origin {
  const at = origin.source.text.slice(origin.start, origin.end).indexOf(name);
  const start = origin.start + at;
  return at < 0 ? origin : { ...origin, start, end: start + name.length };
}

function checkMount(mount: Tree, where: string, context: CheckContext): void {
  const source = get(mount, 'source');
  const name = stringOf(source);
  if (stringOf(get(mount, 'type')) === 'volume' && source && name !== undefined && name !== '')
    need(context, { kind: 'volumes', name, origin: source.origin, where });
}

function checkFiles(list: Tree | undefined, kind: 'secrets' | 'configs', where: string, context: CheckContext): void {
  for (const item of itemsOf(list)) {
    const source = get(item, 'source');
    const name = stringOf(source);
    if (source && name !== undefined) need(context, { kind, name, origin: source.origin, where });
    else context.problems.error('compose/missing-attribute', `${where}.${kind}: an entry has no source`, item.origin);
  }
}

/** A service that is switched off may be depended on only when it is not required. */
const checkDependencies: ServiceCheck = (service, name, context) => {
  for (const [dependency, { key, value }] of entriesOf(get(service, 'depends_on'))) {
    if (get(context.model, 'services', dependency)) continue;
    if (!context.disabled.has(dependency))
      need(context, { kind: 'services', name: dependency, origin: key, where: `services.${name}` });
    else if (!isOptional(value)) reportDisabled(dependency, name, key, context);
  }
};

function reportDisabled(dependency: string, name: string, origin: Origin, { disabled, problems }: CheckContext): void {
  const profiles = itemsOf(get(disabled.get(dependency), 'profiles')).map((item) => stringOf(item) ?? '');
  const message = `services.${name} depends on "${dependency}", which is switched off by its profiles (${profiles.join(', ')})`;
  const hint = `add --profile ${profiles[0] ?? ''}, or set "required: false" on the dependency`;
  problems.error('compose/disabled-dependency', message, origin, { hint });
}

function checkNamespaces(service: Tree, where: string, context: CheckContext): void {
  for (const key of ['network_mode', 'ipc', 'pid', 'uts']) {
    const value = get(service, key);
    const target = /^service:(.*)$/.exec(stringOf(value) ?? '')?.[1];
    if (value && target !== undefined && !context.disabled.has(target))
      need(context, { kind: 'services', name: target, origin: value.origin, where });
  }
  for (const item of itemsOf(get(service, 'volumes_from'))) {
    const source = stringOf(item) ?? '';
    const target = source.split(':', 1)[0] ?? '';
    if (!source.startsWith('container:') && !context.disabled.has(target))
      need(context, { kind: 'services', name: target, origin: item.origin, where });
  }
}

function checkContexts(service: Tree, where: string, context: CheckContext): void {
  for (const [, { value }] of entriesOf(get(service, 'build', 'additional_contexts'))) {
    const target = /^service:(.*)$/.exec(stringOf(value) ?? '')?.[1];
    if (target === undefined) continue;
    need(context, {
      kind: 'services',
      name: target,
      origin: value.origin,
      where: `${where}.build.additional_contexts`,
    });
    const other = get(context.model, 'services', target);
    if (other && !get(other, 'build'))
      context.problems.error(
        'compose/invalid-value',
        `${where}: "${target}" has no build section to take as context`,
        value.origin,
      );
  }
}
