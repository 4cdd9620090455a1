// Reads the rules of a project's services: refuses what cannot work, resolves paths and ignore files, leaves out what a
// bind mount covers already. Says what it left out; starts nothing.
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { GantryError } from '../base/error.ts';
import type { Project } from '../compose/model/project.ts';
import type { Service } from '../compose/model/service.ts';
import type { WatchRule } from '../compose/model/service-parts.ts';
import { anyOf, contextIgnores, passing, patternMatcher, realpathSoFar } from './ignore.ts';
import { isSync, isWithin, type Rule, type WatchAction } from './rule.ts';

/** Which services, and where to say what is left out. */
export interface RulesOptions {
  /** None: all that have rules. */
  readonly services: readonly string[];
  readonly notice: (text: string) => void;
}

/** All rules of the services meant. Throws when there are none, or one that cannot work. */
export async function rulesOf(project: Project, options: RulesOptions): Promise<readonly Rule[]> {
  const services = Object.values(project.services).filter(
    ({ name }) => options.services.length === 0 || options.services.includes(name),
  );
  const rules = (await Promise.all(services.map(async (service) => await serviceRules(service, options)))).flat();
  if (rules.length > 0) return rules;
  throw new GantryError(
    'compose/invalid-file',
    `none of the selected services is configured for watch, consider setting a 'develop' section`,
    { hint: 'add to a service: develop: { watch: [{ path: ./src, action: sync, target: /app/src }] }' },
  );
}

async function serviceRules(service: Service, { notice }: RulesOptions): Promise<readonly Rule[]> {
  const ignores = await contextIgnores(service.build);
  const rules: Rule[] = [];
  for (const given of service.develop?.watch ?? []) {
    const rule = await readRule(service, given);
    if (isSync(rule) && isBound(service, [rule.path, given.path])) {
      notice(`${service.name}: ${given.path} is in the container already, by a bind mount: it is not synced`);
    } else rules.push({ ...rule, ignored: anyOf([passing(rule.path), ignores, rule.ignored]) });
  }
  return rules;
}

async function readRule(service: Service, given: WatchRule): Promise<Rule> {
  if (given.action === 'rebuild' && service.build === undefined) {
    throw new GantryError(
      'compose/invalid-file',
      `can't watch service "${service.name}" with action rebuild without a build context`,
      { hint: `add "build: ." to the service, or use the action restart` },
    );
  }
  const path = await realpathSoFar(given.path);
  return {
    service: service.name,
    // the loader lets no other word through
    action: given.action as WatchAction,
    path,
    folder: await isFolder(path),
    target: given.target === undefined ? '' : posix.resolve('/', given.target),
    exec: given.exec,
    initialSync: given.initial_sync ?? given['x-initialSync'] === true,
    ignored: patternMatcher(path, given.ignore ?? []),
    included: (given.include ?? []).length === 0 ? undefined : patternMatcher(path, given.include ?? []),
  };
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}

function isBound(service: Service, paths: readonly string[]): boolean {
  const sources = (service.volumes ?? []).flatMap(({ type, source }) => (type === 'bind' ? [source ?? ''] : []));
  return sources.some((source) => source !== '' && paths.some((path) => isWithin(source, path)));
}
