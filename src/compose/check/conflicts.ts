// Attributes of one service that cannot stand together.
import { readScalar } from '../bind/scalar.ts';
import type { LeafType } from '../attributes/shape.ts';
import { entriesOf, get, itemsOf, stringOf, type Tree } from '../tree.ts';
import type { CheckContext, ServiceCheck } from './context.ts';

/** All rules of this file. */
export const checkConflicts: ServiceCheck = (service, name, context) => {
  const fail: Fail = (message, at, { hint, beside = [] }) => {
    const others = beside.flatMap((one) => (one ? [one.origin] : []));
    const related = others.map((origin) => ({ message: 'the other one', origin }));
    const origin = at?.origin ?? context.key ?? service.origin;
    context.problems.error('compose/conflict', `services.${name} ${message}`, origin, { hint, related });
  };
  for (const rule of RULES) rule(service, fail, context);
};

interface Advice {
  readonly hint: string;
  /** What it does not go together with. */
  readonly beside?: readonly (Tree | undefined)[];
}
type Fail = (message: string, at: Tree | undefined, advice: Advice) => void;
type Rule = (service: Tree, fail: Fail, context: CheckContext) => void;

const imageOrBuild: Rule = (service, fail, { partial }) => {
  if (partial === true) return;
  const any = ['image', 'build', 'provider'].some(
    (key) => get(service, key) !== undefined && stringOf(get(service, key)) !== '',
  );
  if (!any) fail('has neither an image nor a build context', undefined, { hint: 'add "image: NAME" or "build: ."' });
};

const dockerfiles: Rule = (service, fail) => {
  const inline = get(service, 'build', 'dockerfile_inline');
  const file = get(service, 'build', 'dockerfile');
  if (inline && file && file.origin.implied !== true)
    fail('has both dockerfile and dockerfile_inline', inline, { hint: KEEP_ONE, beside: [file] });
};

const platforms: Rule = (service, fail) => {
  const platform = get(service, 'platform');
  const list = itemsOf(get(service, 'build', 'platforms')).map((item) => stringOf(item));
  const wanted = stringOf(platform);
  if (list.length > 0 && wanted !== undefined && !list.includes(wanted))
    fail(`has the platform "${wanted}", which build.platforms does not list`, platform, {
      hint: `add it to build.platforms, or take "platform" out`,
      beside: [get(service, 'build', 'platforms')],
    });
};

const networkMode: Rule = (service, fail) => {
  const mode = get(service, 'network_mode');
  const networks = get(service, 'networks');
  if (mode && stringOf(mode) !== '' && [...entriesOf(networks)].length > 0)
    fail('has both network_mode and networks', mode, { hint: KEEP_ONE, beside: [networks] });
};

const numbers: Rule = (service, fail) => {
  const replicas = numberAt(service, ['deploy', 'replicas'], 'integer');
  const scale = numberAt(service, ['scale'], 'integer');
  const written = get(service, 'deploy', 'replicas') ?? get(service, 'scale');
  if (scale !== undefined && replicas !== undefined && scale !== replicas)
    fail('has different values for scale and deploy.replicas', get(service, 'scale'), {
      hint: KEEP_ONE,
      beside: [get(service, 'deploy', 'replicas')],
    });
  if (get(service, 'container_name') && (scale ?? replicas ?? 1) > 1)
    fail('has a container_name and more than one replica', get(service, 'container_name'), {
      hint: 'take container_name out: two containers cannot have one name',
      beside: [written],
    });
};

const LIMITS = [
  ['cpus', ['deploy', 'resources', 'limits', 'cpus'], 'number'],
  ['mem_limit', ['deploy', 'resources', 'limits', 'memory'], 'bytes'],
  ['mem_reservation', ['deploy', 'resources', 'reservations', 'memory'], 'bytes'],
  ['pids_limit', ['deploy', 'resources', 'limits', 'pids'], 'integer'],
] as const;

const limits: Rule = (service, fail) => {
  for (const [key, path, as] of LIMITS) {
    const own = numberAt(service, [key], as);
    // limits without this one count as zero, in docker compose too
    const section = get(service, ...path.slice(0, -1));
    const deployed = numberAt(service, path, as) ?? (section ? 0 : undefined);
    if (own !== undefined && own !== 0 && deployed !== undefined && own !== deployed)
      fail(`has different values for ${key} and ${path.join('.')}`, get(service, key), {
        hint: KEEP_ONE,
        beside: [get(service, ...path) ?? section],
      });
  }
};

const health: Rule = (service, fail, { problems }) => {
  const test = itemsOf(get(service, 'healthcheck', 'test'));
  const kind = stringOf(test[0]);
  if (kind !== undefined && !['NONE', 'CMD', 'CMD-SHELL'].includes(kind))
    fail('has a healthcheck.test that begins with none of NONE, CMD, CMD-SHELL', test[0], {
      hint: `write ["CMD", "${kind}", ...]`,
    });
  const interval = get(service, 'healthcheck', 'start_interval');
  if (interval && !get(service, 'healthcheck', 'start_period'))
    problems.warn('compose/no-effect', 'start_interval has no effect without start_period', interval.origin, {
      hint: 'add start_period: it is the time in which start_interval counts',
    });
};

const watch: Rule = (service, fail) => {
  for (const rule of itemsOf(get(service, 'develop', 'watch'))) {
    const action = stringOf(get(rule, 'action')) ?? '';
    if (stringOf(get(rule, 'path')) === '')
      fail('has a watch rule with an empty path', get(rule, 'path'), { hint: 'name a file or folder' });
    if (action !== 'rebuild' && action !== 'restart' && (stringOf(get(rule, 'target')) ?? '') === '')
      fail(`has a watch rule with the action "${action}" and no target`, rule, {
        hint: 'add "target: /path/in/container"',
      });
  }
};

/** Only a warning: it is the engine that refuses to mount over a mount. */
const mounts: Rule = (service, _, { problems }) => {
  const seen = new Map<string, readonly [string, Tree]>();
  const check = (target: string, where: string, at: Tree): void => {
    const [other, first] = seen.get(target) ?? [];
    if (first && target !== '')
      problems.warn('compose/mounted-twice', `${target} is mounted twice: ${other} and ${where}`, at.origin, {
        hint: KEEP_ONE,
        related: [{ message: 'the other one', origin: first.origin }],
      });
    seen.set(target, [where, at]);
  };
  itemsOf(get(service, 'volumes')).forEach((item, index) =>
    check(stringOf(get(item, 'target')) ?? '', `volumes[${index}]`, item),
  );
  itemsOf(get(service, 'tmpfs')).forEach((item, index) =>
    check((stringOf(item) ?? '').split(':', 1)[0] ?? '', `tmpfs[${index}]`, item),
  );
};

const ports: Rule = (service, fail) => {
  for (const port of itemsOf(get(service, 'ports')))
    if (port.kind === 'map' && numberAt(port, ['target'], 'integer') === undefined)
      fail('has a port without a target', port, { hint: 'add "target: 80", the port in the container' });
};

/** What is let through as docker compose lets it through, although nobody can have meant it. */
const oddities: Rule = (service, _, { problems }) => {
  const warn = (message: string, at: Tree, hint: string): void =>
    problems.warn('compose/invalid-value', message, at.origin, { hint });
  const scale = get(service, 'scale');
  if (scale && (numberAt(service, ['scale'], 'integer') ?? 0) < 0)
    warn('a negative scale counts as 0', scale, 'write 0 for none');
  for (const port of itemsOf(get(service, 'ports')))
    if (numberAt(port, ['target'], 'integer') === 0)
      warn('there is no port 0', port, 'write the port in the container');
  for (const path of [['environment'], ['labels'], ['build', 'args']])
    for (const [key, { key: origin, value }] of entriesOf(get(service, ...path)))
      if (key !== key.trimEnd())
        warn(`the space before the "=" is part of the name "${key}"`, { ...value, origin }, 'take the space out');
};

const binds: Rule = (service, fail) => {
  for (const mount of itemsOf(get(service, 'volumes')))
    if (stringOf(get(mount, 'type')) === 'bind' && (stringOf(get(mount, 'source')) ?? '') === '')
      fail('has a bind mount without a source', mount, { hint: 'add "source: ./path"' });
};

const KEEP_ONE = 'keep one of them';

const RULES: readonly Rule[] = [
  imageOrBuild,
  dockerfiles,
  platforms,
  networkMode,
  numbers,
  limits,
  health,
  watch,
  mounts,
  ports,
  oddities,
  binds,
];

function numberAt(tree: Tree, path: readonly string[], as: LeafType): number | undefined {
  const value = get(tree, ...path);
  if (value?.kind !== 'scalar' || value.type === 'null') return undefined;
  const read = readScalar(value, as);
  return 'value' in read && typeof read.value === 'number' ? read.value : undefined;
}
