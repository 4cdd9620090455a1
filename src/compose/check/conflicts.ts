// Attributes of one service that cannot stand together.
import { readScalar } from '../bind/scalar.ts';
import type { LeafType } from '../attributes/shape.ts';
import { entriesOf, get, itemsOf, stringOf, type Tree } from '../tree.ts';
import type { CheckContext, ServiceCheck } from './context.ts';

/** All rules of this file. */
export const checkConflicts: ServiceCheck = (service, name, context) => {
  const fail = (message: string, at: Tree | undefined, hint?: string): void =>
    context.problems.error(
      'compose/conflict',
      `services.${name} ${message}`,
      (at ?? service).origin,
      hint === undefined ? {} : { hint },
    );
  for (const rule of RULES) rule(service, fail, context);
};

type Fail = (message: string, at: Tree | undefined, hint?: string) => void;
type Rule = (service: Tree, fail: Fail, context: CheckContext) => void;

const imageOrBuild: Rule = (service, fail) => {
  const any = ['image', 'build', 'provider'].some(
    (key) => get(service, key) !== undefined && stringOf(get(service, key)) !== '',
  );
  if (!any) fail('has neither an image nor a build context', undefined, 'add "image: NAME" or "build: ."');
};

const dockerfiles: Rule = (service, fail) => {
  const inline = get(service, 'build', 'dockerfile_inline');
  if (inline && get(service, 'build', 'dockerfile'))
    fail('has both dockerfile and dockerfile_inline', inline, 'keep one of them');
};

const platforms: Rule = (service, fail) => {
  const platform = get(service, 'platform');
  const list = itemsOf(get(service, 'build', 'platforms')).map((item) => stringOf(item));
  const wanted = stringOf(platform);
  if (list.length > 0 && wanted !== undefined && !list.includes(wanted))
    fail(`has the platform "${wanted}", which build.platforms does not list`, platform);
};

const networkMode: Rule = (service, fail) => {
  const mode = get(service, 'network_mode');
  const networks = [...entriesOf(get(service, 'networks'))].length;
  if (mode && stringOf(mode) !== '' && networks > 0)
    fail('has both network_mode and networks', mode, 'keep one of them');
};

const numbers: Rule = (service, fail) => {
  const replicas = numberAt(service, ['deploy', 'replicas'], 'integer');
  const scale = numberAt(service, ['scale'], 'integer');
  if (scale !== undefined && scale < 0) fail('has a negative scale', get(service, 'scale'));
  if (scale !== undefined && replicas !== undefined && scale !== replicas)
    fail('has different values for scale and deploy.replicas', get(service, 'scale'), 'keep one of them');
  if (get(service, 'container_name') && (scale ?? replicas ?? 1) > 1)
    fail(
      'has a container_name and more than one replica',
      get(service, 'container_name'),
      'take container_name out, names would clash',
    );
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
      fail(`has different values for ${key} and ${path.join('.')}`, get(service, key), 'keep one of them');
  }
};

const health: Rule = (service, fail, { problems }) => {
  const test = itemsOf(get(service, 'healthcheck', 'test'));
  const kind = stringOf(test[0]);
  if (kind !== undefined && !['NONE', 'CMD', 'CMD-SHELL'].includes(kind))
    fail(
      'has a healthcheck.test that begins with none of NONE, CMD, CMD-SHELL',
      test[0],
      `write ["CMD", "${kind}", ...]`,
    );
  const interval = get(service, 'healthcheck', 'start_interval');
  if (interval && !get(service, 'healthcheck', 'start_period'))
    problems.warn('compose/no-effect', 'start_interval has no effect without start_period', interval.origin);
};

const watch: Rule = (service, fail) => {
  for (const rule of itemsOf(get(service, 'develop', 'watch'))) {
    const action = stringOf(get(rule, 'action')) ?? '';
    if (stringOf(get(rule, 'path')) === '') fail('has a watch rule with an empty path', get(rule, 'path') ?? rule);
    if (action !== 'rebuild' && action !== 'restart' && (stringOf(get(rule, 'target')) ?? '') === '')
      fail(`has a watch rule with the action "${action}" and no target`, rule, 'add "target: /path/in/container"');
  }
};

/** Only a warning: it is the engine that refuses to mount over a mount. */
const mounts: Rule = (service, _, { problems }) => {
  const seen = new Map<string, string>();
  const check = (target: string, where: string, at: Tree): void => {
    const other = seen.get(target);
    if (other !== undefined && target !== '')
      problems.warn('compose/mounted-twice', `${target} is mounted twice: ${other} and ${where}`, at.origin);
    seen.set(target, where);
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
    if (port.kind === 'map' && (numberAt(port, ['target'], 'integer') ?? 0) === 0)
      fail('has a port without a target', port);
};

const binds: Rule = (service, fail) => {
  for (const mount of itemsOf(get(service, 'volumes')))
    if (stringOf(get(mount, 'type')) === 'bind' && (stringOf(get(mount, 'source')) ?? '') === '')
      fail('has a bind mount without a source', mount);
};

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
  binds,
];

function numberAt(tree: Tree, path: readonly string[], as: LeafType): number | undefined {
  const value = get(tree, ...path);
  if (value?.kind !== 'scalar' || value.type === 'null') return undefined;
  const read = readScalar(value, as);
  return 'value' in read && typeof read.value === 'number' ? read.value : undefined;
}
