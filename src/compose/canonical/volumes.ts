// Volume mounts of a service: `[source:]target[:options]` or a mapping.
import { posix } from 'node:path';
import type { Canon, Report } from '../attributes/shape.ts';
import { plain, record, text, withKey, type MapTree, type ScalarTree, type Tree } from '../tree.ts';
import { withUnset } from './lists.ts';
import { impliedBy } from '../source.ts';

/** One entry in long form. */
export const volumeMount: Canon = (tree, report) => {
  if (tree.kind === 'scalar') return tree.type === 'string' ? shortMount(tree, report) : tree;
  if (tree.kind !== 'map') return tree;
  const target = tree.entries.get('target')?.value;
  if (!target) report('a mount has no target', tree.origin, 'add "target: /path/in/container"');
  if (target?.kind !== 'scalar' || target.value === '') return tree;
  return withKey(tree, 'target', { ...target, value: cleanTarget(String(target.value)) });
};

/** A container path without `//`, `/./` and a trailing slash. */
function cleanTarget(target: string): string {
  const clean = posix.normalize(target);
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean;
}

function shortMount(item: ScalarTree, report: Report): Tree {
  const spec = String(item.value);
  if (spec.length === 1 || spec.length === 2)
    return record({ type: text('volume', item.origin), target: withUnset(text(spec, item.origin), item) }, item.origin);
  const parts = splitSpec(spec);
  if (parts.length > 3 || parts.some((part) => part === '')) {
    const hint = 'for example "data:/var/lib/data", "./conf:/etc/conf:ro"';
    report(`"${spec}" is not a volume: it has an empty or surplus part`, item.origin, hint);
    return item;
  }
  const [first = '', second, options = ''] = parts;
  const source = second === undefined ? undefined : first;
  return mount(item, { source, target: second ?? first, flags: options.split(',') });
}

/** Splits at colons, except one behind a single letter: that is a drive. */
function splitSpec(spec: string): string[] {
  const parts: string[] = [];
  for (const part of spec.split(':')) {
    const last = parts.at(-1);
    if (last !== undefined && /^[a-zA-Z]$/.test(last)) parts[parts.length - 1] = `${last}:${part}`;
    else parts.push(part);
  }
  return parts;
}

interface MountParts {
  readonly source: string | undefined;
  readonly target: string;
  readonly flags: readonly string[];
}

const PROPAGATION = new Set(['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave']);

function mount(item: ScalarTree, { source, target, flags }: MountParts): Tree {
  const { origin } = item;
  const at = (value: string): ScalarTree => withUnset(text(value, origin), item);
  const isBind = source !== undefined && isPath(source);
  const readOnly = flags.findLast((flag) => flag === 'ro' || flag === 'rw') === 'ro';
  const bind = bindOptions(flags, isBind, item);
  const volume = { nocopy: flags.includes('nocopy') ? plain(true, origin) : undefined };
  return record(
    {
      type: text(isBind ? 'bind' : 'volume', origin),
      source: source === undefined ? undefined : at(source),
      target: at(cleanTarget(target)),
      read_only: readOnly ? plain(true, origin) : undefined,
      bind: isBind || bind.entries.size > 0 ? bind : undefined,
      volume: !isBind || volume.nocopy ? record(volume, origin) : undefined,
    },
    origin,
  );
}

/** Options of binds are kept on volumes too; it is the engine that reads `z` there. */
function bindOptions(flags: readonly string[], isBind: boolean, { origin }: ScalarTree): MapTree {
  const propagation = flags.findLast((flag) => PROPAGATION.has(flag));
  const selinux = flags.findLast((flag) => flag === 'z' || flag === 'Z');
  return record(
    {
      selinux: selinux === undefined ? undefined : text(selinux, origin),
      propagation: propagation === undefined ? undefined : text(propagation, origin),
      create_host_path: isBind ? plain(true, impliedBy(origin)) : undefined,
    },
    origin,
  );
}

const isPath = (source: string): boolean => /^(?:[./~]|\\\\|[a-zA-Z]:)/.test(source);
