// `-v`, `--mount` and `--tmpfs`.
import { resolve } from 'node:path';
import type { MountSpec } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { bytesOf } from './values.ts';

/** What `-v` values become. */
export interface VolumeFlags {
  /** Paths without a source. */
  readonly anonymous: readonly string[];
  readonly binds: readonly string[];
}

/** Sorts `-v` values; a source that begins with a dot is below `cwd`. */
export function volumeFlags(values: readonly string[], cwd: string): VolumeFlags {
  const isBind = (value: string): boolean => value.includes(':');
  return {
    anonymous: values.filter((value) => !isBind(value)),
    binds: values.filter(isBind).map((value) => {
      const [source = '', ...rest] = value.split(':');
      return [/^\.{1,2}(\/|$)/.test(source) ? resolve(cwd, source) : source, ...rest].join(':');
    }),
  };
}

/** `--tmpfs /path:options` by path. */
export function tmpfsOf(values: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    values.map((value) => {
      const [path = '', ...options] = value.split(':');
      return [path, options.join(':')];
    }),
  );
}

/** `type=bind,source=/a,target=/b,readonly`. Throws usage/invalid-flag. */
export function mountOf(text: string, cwd: string): MountSpec {
  const fields = splitFields(text);
  const first = (...names: readonly string[]): string | undefined =>
    fields.findLast(([name]) => names.includes(name))?.[1];
  const unknown = fields.find(([name]) => !KNOWN.has(name));
  if (unknown !== undefined) throw bad(text, `unexpected key '${unknown[0]}' in '${unknown.join('=')}'`);
  const type = (first('type') ?? 'volume') as MountSpec['Type'];
  const target = first('target', 'destination', 'dst');
  if (!['bind', 'volume', 'tmpfs', 'image'].includes(type)) throw bad(text, `mount type unknown: "${type}"`);
  if (target === undefined) throw bad(text, 'target is required');
  const source = first('source', 'src');
  if (type === 'bind' && source === undefined) throw bad(text, 'source is required');
  const isRelative = type === 'bind' && source !== undefined && /^\.{1,2}(\/|$)/.test(source);
  return {
    Type: type,
    Target: target,
    ...(source === undefined ? {} : { Source: isRelative ? resolve(cwd, source) : source }),
    ...(isOn(first('readonly', 'ro')) ? { ReadOnly: true } : {}),
    ...optionsOf(type, first, fields),
  };
}

type Fields = readonly (readonly [name: string, value: string])[];
type First = (...names: readonly string[]) => string | undefined;

const KNOWN: ReadonlySet<string> = new Set([
  ...['type', 'target', 'destination', 'dst', 'source', 'src', 'readonly', 'ro', 'consistency', 'bind-propagation'],
  ...['bind-nonrecursive', 'bind-recursive', 'volume-nocopy', 'volume-label', 'volume-driver', 'volume-opt'],
  ...['volume-subpath', 'tmpfs-size', 'tmpfs-mode'],
]);

/** A switch: there without a value, or with a true one. */
const isOn = (value: string | undefined): boolean => value !== undefined && ['', 'true', '1'].includes(value);

function optionsOf(type: MountSpec['Type'], first: First, fields: Fields): Partial<MountSpec> {
  if (type === 'bind') {
    const propagation = first('bind-propagation');
    const nonRecursive = isOn(first('bind-nonrecursive')) || first('bind-recursive') === 'disabled';
    if (propagation === undefined && !nonRecursive) return {};
    return { BindOptions: { Propagation: propagation, ...(nonRecursive ? { NonRecursive: true } : {}) } };
  }
  if (type === 'volume') return volumeOptions(first, fields);
  if (type !== 'tmpfs') return {};
  const [size, mode] = [first('tmpfs-size'), first('tmpfs-mode')];
  if (size === undefined && mode === undefined) return {};
  return {
    TmpfsOptions: {
      ...(size === undefined ? {} : { SizeBytes: bytesOf('mount', size) }),
      ...(mode === undefined ? {} : { Mode: parseInt(mode, 8) }),
    },
  };
}

function volumeOptions(first: First, fields: Fields): Partial<MountSpec> {
  const all = (name: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      fields.filter(([field]) => field === name).map(([, value]) => value.split(/=(.*)/s, 2) as [string, string]),
    );
  const [driver, subpath] = [first('volume-driver'), first('volume-subpath')];
  const [labels, options] = [all('volume-label'), all('volume-opt')];
  const hasDriver = driver !== undefined || Object.keys(options).length > 0;
  const volume = {
    ...(isOn(first('volume-nocopy')) ? { NoCopy: true } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { Labels: labels }),
    ...(subpath === undefined ? {} : { Subpath: subpath }),
    ...(hasDriver ? { DriverConfig: { Name: driver ?? 'local', Options: options } } : {}),
  };
  return Object.keys(volume).length === 0 ? {} : { VolumeOptions: volume };
}

/** Comma-separated; a field in double quotes may hold commas. */
function splitFields(text: string): Fields {
  return (text.match(/(?:"(?:[^"]|"")*"|[^,])+/g) ?? []).map((part) => {
    const field = part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
    const [name = '', value = ''] = field.split(/=(.*)/s, 2);
    return [name.toLowerCase(), value];
  });
}

const bad = (text: string, why: string): GantryError =>
  new GantryError('usage/invalid-flag', `invalid argument "${text}" for "--mount" flag: ${why}`);
