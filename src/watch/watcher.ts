// Tells which paths changed below the rules' paths. The only place that knows chokidar, which keeps one inotify watch a
// folder; its raw events tell of files at once, its own events of what came and went in folders that are new.
import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { messageOf } from '../base/error.ts';
import { FreshFolders } from './fresh-folders.ts';
import { limitNotice } from './limits.ts';
import { FullQueue, fullQueueLength, tellMissed, watchedPaths } from './overflow.ts';
import { isWithin, ruleMatches, ruleNeedsFolder, type Rule } from './rule.ts';

/** Where changes go. */
export interface WatcherInput {
  readonly rules: readonly Rule[];
  /** Called for each event, so often more than once for one change. */
  readonly change: (path: string) => void;
  readonly notice: (text: string) => void;
  /** Looks every so often instead of being told. */
  readonly polling?: boolean;
}

/** A watch that runs. */
export interface Watcher {
  close(): Promise<void>;
}

/** Polling: how often files are looked at, ms. */
const INTERVAL = 300;

/** Begins to watch; resolves when every change from now on is told. Falls back to polling at the system's limits. */
export async function startWatcher(input: WatcherInput): Promise<Watcher> {
  const { watch } = await import('chokidar');
  const most = await fullQueueLength();
  const polling = input.polling ?? false;
  const options = {
    ignored: (path: string, stats?: Stats): boolean => isUnwanted(input.rules, path, stats),
    ignoreInitial: true,
    followSymlinks: false,
    // a change is told at once: who copies looks what is there by then
    atomic: false,
    ignorePermissionErrors: true,
    ...(polling ? { backend: 'polling' as const, interval: INTERVAL, binaryInterval: INTERVAL } : {}),
  };
  const paths = [...new Set(input.rules.map((rule) => rule.path))];
  const watcher = watch(paths, options);
  const fresh = new FreshFolders({
    missed: (path, stats) => {
      input.change(path);
      if (stats.isDirectory() && !isUnwanted(input.rules, path, stats)) fresh.add(path);
    },
    deaf: (folder) => {
      if (!state.closed) watcher.unwatch(folder).add(folder);
    },
  });
  const state: State = {
    input,
    watcher,
    fresh,
    current: undefined,
    closed: false,
    errors: Promise.resolve(),
    replaced: Promise.withResolvers(),
  };
  listen(state, polling, most);
  await ready(watcher, state);
  return { close: async () => await close(state) };
}

interface State {
  readonly input: WatcherInput;
  readonly watcher: FSWatcher;
  readonly fresh: FreshFolders;
  /** What took over from `watcher`. */
  current: Promise<Watcher> | undefined;
  closed: boolean;
  /** Errors being told. */
  errors: Promise<void>;
  /** Resolved when `current` stands. */
  readonly replaced: PromiseWithResolvers<undefined>;
}

async function close(state: State): Promise<void> {
  state.closed = true;
  state.fresh.close();
  await state.watcher.close();
  await (await state.current)?.close();
}

function listen(state: State, polling: boolean, most: number): void {
  const { input, watcher, fresh } = state;
  const told: Told = {
    change: (path) => {
      fresh.told(path);
      input.change(path);
    },
    folder: (path, stats) => {
      if (!isUnwanted(input.rules, path, stats)) fresh.add(path);
    },
  };
  watcher.on('all', (event, path) => {
    told.change(path);
    if (event === 'addDir') fresh.add(path);
  });
  if (!polling) {
    const queue = new FullQueue({ most, lost: (since) => onOverflow(state, since) });
    watcher.on('raw', (event, name: string | null, details) => {
      queue.count();
      const { watchedPath: folder } = details as { readonly watchedPath: string };
      void onRaw(told, event, { name: name ?? basename(folder), folder });
    });
  }
  watcher.on('error', (error) => {
    const before = state.errors;
    state.errors = onError(state, error, polling).then(async () => await before);
  });
}

/** An event of the folder itself bears the folder's own name, which a child may have as well. */
async function onRaw(told: Told, event: string, { name, folder }: { name: string; folder: string }): Promise<void> {
  const child = join(folder, name);
  const isOwn = name === basename(folder);
  told.change(isOwn ? folder : child);
  if (event !== 'rename' && !isOwn) return;
  const stats = await lstat(child).catch(() => undefined);
  if (stats !== undefined && isOwn) told.change(child);
  if (stats?.isDirectory() === true) told.folder(child, stats);
}

interface Told {
  readonly change: (path: string) => void;
  /** A folder appeared, or took the place of another. */
  readonly folder: (path: string, stats: Stats) => void;
}

async function onError(state: State, error: unknown, polling: boolean): Promise<void> {
  const { notice } = state.input;
  const limit = await limitNotice(error);
  if (limit === undefined) {
    notice(`watching: ${messageOf(error)}`);
    return;
  }
  if (polling || state.closed || state.current !== undefined) return;
  notice(limit);
  state.current = startWatcher({ ...state.input, polling: true });
  state.replaced.resolve(undefined);
  await state.watcher.close();
}

/** Watches all anew, since folders that are new may not be watched, then tells what no event told. */
function onOverflow(state: State, since: number): void {
  const { input, watcher } = state;
  if (state.closed || state.current !== undefined) return;
  input.notice('too many changes at once to be told of each: looking through all that is watched');
  const missed = { known: watchedPaths(watcher.getWatched()), since };
  const rewatch = async (): Promise<Watcher> => {
    const next = await startWatcher(input);
    await watcher.close();
    await tellMissed(input.rules, missed, input.change);
    return next;
  };
  state.current = rewatch();
  state.current.catch((error: unknown) => input.notice(`watching: ${messageOf(error)}`));
  state.replaced.resolve(undefined);
}

async function ready(watcher: FSWatcher, state: State): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  watcher.once('ready', () => resolve(undefined));
  void state.replaced.promise.then(resolve);
  await promise;
  await state.errors;
  await state.current;
}

/** True for what no rule can be about; folders are left out with all that is in them. */
function isUnwanted(rules: readonly Rule[], path: string, stats: Stats | undefined): boolean {
  if (rules.some((rule) => isWithin(path, rule.path))) return false;
  if (stats === undefined || stats.isDirectory()) return !rules.some((rule) => ruleNeedsFolder(rule, path));
  return !rules.some((rule) => ruleMatches(rule, path));
}
