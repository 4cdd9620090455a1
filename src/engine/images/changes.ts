// Dockerfile instructions that change an image's configuration, as `import` and `commit` take them with `changes`.
// Pure; each instruction is one row of the table.
import type { ContainerConfig, HealthConfig } from '../../api/containers.ts';
import { parseDuration } from '../../base/duration.ts';
import { GantryError } from '../../base/error.ts';
import { expandWord, splitWords, type Lookup } from './words.ts';

interface Change {
  readonly config: ContainerConfig;
  /** What follows the instruction's name. */
  readonly rest: string;
  readonly lookup: Lookup;
}

type Instruction = (change: Change) => ContainerConfig;

const SHELL = ['/bin/sh', '-c'] as const;

const INSTRUCTIONS: Readonly<Record<string, Instruction>> = {
  CMD: ({ config, rest }) => ({ ...config, Cmd: command(config, rest) }),
  ENTRYPOINT: ({ config, rest }) => ({ ...config, Entrypoint: command(config, rest) }),
  ENV: env,
  EXPOSE: expose,
  HEALTHCHECK: ({ config, rest }) => ({ ...config, Healthcheck: healthcheck(rest) }),
  LABEL: label,
  ONBUILD: ({ config, rest }) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), rest] }),
  STOPSIGNAL: ({ config, rest, lookup }) => ({ ...config, StopSignal: single('STOPSIGNAL', rest, lookup) }),
  USER: ({ config, rest, lookup }) => ({ ...config, User: single('USER', rest, lookup) }),
  VOLUME: volume,
  WORKDIR: workdir,
};

/** Applies instructions one after the other. Throws engine/bad-parameter with docker's texts. */
export function applyChanges(config: ContainerConfig, changes: readonly string[]): ContainerConfig {
  const lines = changes
    .flatMap((text) => text.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const changed = lines.reduce(applyChange, config);
  // a new entrypoint drops the command that was there before
  const isNamed = (name: string): boolean => lines.some((line) => line.toUpperCase().startsWith(name));
  if (!isNamed('ENTRYPOINT') || isNamed('CMD')) return changed;
  const { Cmd: _dropped, ...rest } = changed;
  return rest;
}

function applyChange(config: ContainerConfig, line: string): ContainerConfig {
  const name = /^\S+/.exec(line)?.[0] ?? '';
  const instruction = INSTRUCTIONS[name.toUpperCase()];
  if (instruction === undefined) throw bad(`${name} is not a valid change command`);
  const rest = line.slice(name.length).trim();
  if (rest === '' && !['CMD', 'ENTRYPOINT'].includes(name.toUpperCase())) {
    throw bad(`${name.toUpperCase()} requires at least one argument`);
  }
  return instruction({ config, rest, lookup: (variable) => lookupEnv(config, variable) });
}

function lookupEnv(config: ContainerConfig, name: string): string | undefined {
  const entry = config.Env?.findLast((pair) => pair.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}

/** The JSON form as it is, anything else through the shell. */
function command(config: ContainerConfig, rest: string): string[] {
  const json = jsonList(rest);
  if (json !== undefined) return json;
  return rest === '' ? [] : [...(config.Shell ?? SHELL), rest];
}

function jsonList(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  } catch {
    // not JSON: docker reads it as a shell line then
    return undefined;
  }
}

/** `K=V K2="V 2"`, or the old `K the rest`. */
function pairs(name: string, rest: string, lookup: Lookup): [string, string][] {
  const first = /^[^\s=]+/.exec(rest)?.[0] ?? '';
  if (rest.charAt(first.length) !== '=') {
    const value = rest.slice(first.length).trim();
    if (value === '') throw bad(`${name} must have two arguments`);
    return [[expandWord(first, lookup), expandWord(value, lookup)]];
  }
  return splitWords(rest, lookup).map((word) => {
    const equals = word.indexOf('=');
    if (equals < 0)
      throw bad(`Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`);
    if (equals === 0) throw bad(`${name} names can not be blank`);
    return [word.slice(0, equals), word.slice(equals + 1)];
  });
}

function env({ config, rest, lookup }: Change): ContainerConfig {
  const list = [...(config.Env ?? [])];
  for (const [key, value] of pairs('ENV', rest, lookup)) {
    const at = list.findIndex((entry) => entry === key || entry.startsWith(`${key}=`));
    list.splice(at < 0 ? list.length : at, 1, `${key}=${value}`);
  }
  return { ...config, Env: list };
}

function label({ config, rest, lookup }: Change): ContainerConfig {
  return { ...config, Labels: { ...config.Labels, ...Object.fromEntries(pairs('LABEL', rest, lookup)) } };
}

function expose({ config, rest, lookup }: Change): ContainerConfig {
  const ports = splitWords(rest, lookup).flatMap(exposedPorts);
  return {
    ...config,
    ExposedPorts: { ...config.ExposedPorts, ...Object.fromEntries(ports.map((port) => [port, {}])) },
  };
}

/** `80`, `53/udp`, `8000-8010/tcp`. */
function exposedPorts(word: string): string[] {
  const found = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(word);
  const from = Number(found?.[1]);
  const to = Number(found?.[2] ?? found?.[1]);
  if (!found || from < 1 || to > 65535 || to < from) throw bad(`invalid containerPort: ${word}`);
  const protocol = (found[3] ?? 'tcp').toLowerCase();
  return Array.from({ length: to - from + 1 }, (_unused, index) => `${from + index}/${protocol}`);
}

function volume({ config, rest, lookup }: Change): ContainerConfig {
  const paths = jsonList(rest) ?? splitWords(rest, lookup);
  if (paths.some((path) => path.trim() === '')) throw bad('VOLUME specified can not be an empty string');
  return { ...config, Volumes: { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) } };
}

function workdir({ config, rest, lookup }: Change): ContainerConfig {
  const path = expandWord(rest, lookup);
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${config.WorkingDir ?? ''}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return { ...config, WorkingDir: `/${parts.join('/')}` };
}

function single(name: string, rest: string, lookup: Lookup): string {
  const words = splitWords(rest, lookup);
  if (words.length !== 1 || words[0] === undefined) throw bad(`${name} requires exactly one argument`);
  return words[0];
}

const HEALTH_FLAGS: Readonly<Record<string, keyof HealthConfig>> = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
  retries: 'Retries',
};

function healthcheck(rest: string): HealthConfig {
  const flags: Record<string, number> = {};
  let line = rest;
  for (let found = takeFlag(line); found; found = takeFlag(line)) {
    const [all, name = '', value = ''] = found;
    const field = HEALTH_FLAGS[name];
    if (field === undefined) throw bad(`unknown flag: ${name}`);
    flags[field] = field === 'Retries' ? retries(value) : interval(name, value);
    line = line.slice(all.length);
  }
  return { ...flags, Test: healthTest(line) };
}

function takeFlag(line: string): RegExpExecArray | null {
  return /^--([a-z-]+)=(\S+)\s*/.exec(line);
}

function healthTest(line: string): string[] {
  if (/^NONE$/i.test(line)) return ['NONE'];
  const found = /^CMD\s+(\S.*)$/is.exec(line);
  if (!found) throw bad(`Unknown type ${JSON.stringify(/^\S*/.exec(line)?.[0] ?? '')} in HEALTHCHECK (try CMD)`);
  const json = jsonList(found[1] ?? '');
  return json !== undefined ? ['CMD', ...json] : ['CMD-SHELL', found[1] ?? ''];
}

function interval(name: string, value: string): number {
  const nanoseconds = parseDuration(value);
  if (nanoseconds === undefined) throw bad(`invalid duration ${JSON.stringify(value)} for --${name}`);
  if (nanoseconds !== 0 && nanoseconds < 1e6) throw bad(`Interval ${JSON.stringify(name)} cannot be less than 1ms`);
  return nanoseconds;
}

function retries(value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw bad(`--retries must be a number of at least 0: ${value}`);
  return Number(value);
}

function bad(message: string): GantryError {
  return new GantryError('engine/bad-parameter', message);
}
