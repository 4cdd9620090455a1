// What one rule of `develop.watch` means for a path: whether it is about it, and where the path is in the container.
import { basename, dirname, posix, relative } from 'node:path';
import type { Hook } from '../compose/model/service-parts.ts';
import type { PathMatcher } from './ignore.ts';

/** What a rule does. */
export type WatchAction = 'sync' | 'sync+restart' | 'sync+exec' | 'restart' | 'rebuild';

/** One rule, ready to be asked. */
export interface Rule {
  readonly service: string;
  readonly action: WatchAction;
  /** Absolute, symlinks resolved. */
  readonly path: string;
  /** The path was a folder when the watch began. */
  readonly folder: boolean;
  /** Absolute path in the container; "" for rules that copy nothing. */
  readonly target: string;
  readonly exec: Hook | undefined;
  readonly initialSync: boolean;
  readonly ignored: PathMatcher;
  /** Undefined: everything is included. */
  readonly included: PathMatcher | undefined;
}

/** A path of this machine and where its copy is in the container. */
export interface Mapping {
  readonly path: string;
  /** Folder in the container that the copy's name counts from. */
  readonly base: string;
  /** Relative to `base`; "." is `base` itself. */
  readonly name: string;
}

/** True when a change of `path` sets the rule off. */
export function ruleMatches(rule: Rule, path: string): boolean {
  return isWithin(rule.path, path) && (rule.included?.matches(path) ?? true) && !rule.ignored.matches(path);
}

/** True when the rule can be about something in this folder or below it. */
export function ruleNeedsFolder(rule: Rule, folder: string): boolean {
  return isWithin(rule.path, folder) && !rule.ignored.matchesWhole(folder);
}

/** True for rules that copy files. */
export function isSync(rule: Rule): boolean {
  return rule.action.startsWith('sync');
}

/** Where the copy of a path is; a rule for one file names the file itself. */
export function mappingOf(rule: Rule, path: string): Mapping {
  const below = relative(rule.path, path);
  return below === ''
    ? { path, base: dirname(rule.target), name: basename(rule.target) }
    : { path, base: rule.target, name: below };
}

/** Absolute path of the copy. */
export function copyOf(mapping: Mapping): string {
  return posix.join(mapping.base, mapping.name);
}

/** True when `path` is `folder` or below it. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}
