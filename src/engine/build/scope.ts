// Variables of a build: which ARG has which value where. ENV is the image's and hides an ARG of its name.
import type { ContainerConfig } from '../../api/containers.ts';
import { expandWord, lookupOf, type Expansion } from './dockerfile/expand.ts';
import type { Dockerfile, Instruction } from './dockerfile/types.ts';
import { ARCHITECTURE } from './stage-image.ts';

/** Known without ARG; the cache does not depend on them, so that a proxy may change. */
const PREDEFINED = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];
const isPredefined = (name: string): boolean => PREDEFINED.includes(name.toUpperCase());

/** The variables of one build, for all stages. */
export interface BuildScope {
  readonly escape: Dockerfile['escape'];
  /** `--build-arg`; undefined as value takes none. */
  readonly given: ReadonlyMap<string, string | undefined>;
  /** ARG before the first FROM, with their values. */
  readonly global: Map<string, string>;
  /** Given names that some ARG asked for. */
  readonly used: Set<string>;
}

/** The variables of one stage. */
export interface StageScope extends BuildScope {
  /** ARG of this stage so far; without a value: declared only. */
  readonly args: Map<string, string | undefined>;
}

/** The scope of a build; `before` are the ARG instructions before the first FROM. */
export function buildScope(
  { escape }: Dockerfile,
  given: BuildScope['given'],
  before: readonly Instruction[],
): BuildScope {
  const platform = `linux/${ARCHITECTURE}`;
  const global = new Map<string, string>();
  for (const side of ['TARGET', 'BUILD']) {
    global.set(`${side}PLATFORM`, platform).set(`${side}OS`, 'linux').set(`${side}ARCH`, ARCHITECTURE);
    global.set(`${side}VARIANT`, '');
  }
  const scope = { escape, given, global, used: new Set<string>() };
  for (const instruction of before) {
    for (const [name, value] of declared(scope, instruction, globalExpansion(scope)))
      if (value !== undefined) global.set(name, value);
  }
  return scope;
}

/** For FROM lines. */
export function globalExpansion({ escape, global }: BuildScope): Expansion {
  return { escape, lookup: (name) => global.get(name) };
}

/** A new stage's scope: of the global values only those that it declares. */
export function stageScope(scope: BuildScope): StageScope {
  return { ...scope, args: new Map() };
}

/** Takes an ARG instruction in. */
export function declare(scope: StageScope, instruction: Instruction, config: ContainerConfig): void {
  for (const [name, value] of declared(scope, instruction, stageExpansion(scope, config)))
    scope.args.set(name, value ?? scope.global.get(name));
}

/** For the instructions of a stage. */
export function stageExpansion(scope: StageScope, config: ContainerConfig): Expansion {
  return { escape: scope.escape, lookup: lookupOf(envMap(config), values(scope)) };
}

/** What RUN gets beside ENV: `all` in its environment, `key` in its cache key and history. */
export function runArgs(
  scope: StageScope,
  config: ContainerConfig,
): { readonly all: readonly string[]; readonly key: readonly string[] } {
  const env = envMap(config);
  const entries = [...values(scope)].filter(([name]) => !env.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = (list: typeof entries): string[] => list.map(([name, value]) => `${name}=${value}`);
  return { all: text(entries), key: text(entries.filter(([name]) => !isPredefined(name) || scope.args.has(name))) };
}

/** `--build-arg` names that nothing asked for. */
export function unusedArgs({ given, used }: BuildScope): string[] {
  return [...given.keys()].filter((name) => !used.has(name) && !isPredefined(name)).sort();
}

function* declared(
  { given, used }: BuildScope,
  { args }: Instruction,
  expansion: Expansion,
): Generator<[string, string | undefined]> {
  for (const word of args) {
    const at = word.indexOf('=');
    const name = expandWord(at < 0 ? word : word.slice(0, at), expansion);
    if (given.has(name)) used.add(name);
    const fallback = at < 0 ? undefined : expandWord(word.slice(at + 1), expansion);
    yield [name, given.get(name) ?? fallback];
  }
}

/** Values in force: declared ones, and predefined ones that were given. */
function values(scope: StageScope): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of scope.given) if (isPredefined(name) && value !== undefined) map.set(name, value);
  for (const [name, value] of scope.args) if (value !== undefined) map.set(name, value);
  return map;
}

function envMap({ Env }: ContainerConfig): ReadonlyMap<string, string> {
  return new Map(
    (Env ?? []).map((entry) => {
      const at = entry.indexOf('=');
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
