// What a verb works with: its project, its engine, where to print, when to stop. Everything is made when first asked for.
import type { Writable } from 'node:stream';
import type { Env } from '../base/env.ts';
import { GantryError } from '../base/error.ts';
import type { Docker } from '../client/docker.ts';
import type { LoadOptions, LoadResult } from '../compose/load-types.ts';
import type { Project } from '../compose/model/project.ts';
import type { ProgressSink } from '../project/progress.ts';
import { ansiOf, parallelOf, progressOf, projectDirectoryOf, refuseGlobals, type GlobalFlags } from './globals.ts';
import type { Interrupts } from './interrupts.ts';
import { isTerminal, type Io } from './io.ts';
import { formatDiagnostics } from './output/diagnostics.ts';
import { createProgress, type ProgressView } from './output/progress.ts';

/** A command's surroundings. */
export interface Context {
  readonly io: Io;
  readonly env: Env;
  readonly cwd: string;
  readonly flags: GlobalFlags;
  readonly interrupts: Interrupts;
  readonly parallel: number;
  /** `--dry-run`: what would be done is printed, and the engine takes no change. */
  readonly dryRun: boolean;
  /** Colours on stdout and on stderr. */
  readonly color: { readonly out: boolean; readonly err: boolean };
  /** The engine. */
  docker(): Promise<Docker>;
  /** The loaded project with all that is known of it; nothing is printed. */
  load(options?: Partial<LoadOptions>): Promise<LoadResult>;
  /** The same, its warnings printed. */
  check(options?: Partial<LoadOptions>): Promise<LoadResult>;
  /** The loaded project; its warnings are printed once. */
  project(options?: Partial<LoadOptions>): Promise<Project>;
  /** The project if there are files; undefined when only a name was given. */
  projectIfAny(): Promise<Project | undefined>;
  /** The project's name, from files only when nothing else tells it. */
  projectName(): Promise<string>;
  /** Runs something while its progress is drawn on stderr. */
  withProgress<T>(title: string, work: (sink: ProgressSink) => Promise<T>): Promise<T>;
  /** Prints a result, in whole lines while progress is drawn: that goes on below them. */
  print(text: string): void;
  /** Prints a remark on stderr, likewise. */
  remark(text: string): void;
  /** Ends connections. */
  close(): void;
}

/** What a context is made of. */
export interface ContextInput {
  readonly io: Io;
  readonly env: Env;
  readonly cwd: string;
  readonly flags: GlobalFlags;
  readonly interrupts: Interrupts;
}

/** The context of one command. Throws usage/invalid-flag. */
export function createContext(input: ContextInput): Context {
  const { io, env, flags } = input;
  refuseGlobals(flags);
  const mode = progressOf(flags, env);
  const ansi = ansiOf(flags, env);
  const colored = (stream: { isTTY?: boolean }): boolean =>
    ansi === 'always' || (ansi === 'auto' && isTerminal(stream));
  const color = { out: colored(io.stdout), err: colored(io.stderr) };
  const views: ProgressView[] = [];
  const writer = (stream: Writable) => (text: string) => {
    const write = (): void => void stream.write(text);
    const view = views.at(-1);
    if (view === undefined) write();
    else view.aside(write);
  };
  const remark = writer(io.stderr);
  let docker: Promise<Docker> | undefined;
  const loads = projectLoads(input, remark, color.err);
  return {
    ...input,
    ...loads,
    parallel: parallelOf(flags, env),
    dryRun: flags.dryRun ?? false,
    color,
    remark,
    docker: async () => await (docker ??= connect(input)),
    withProgress: async (title, work) => {
      const view = await createProgress(io, { mode, ansi, title });
      // two at once would draw over each other: the later one tells more
      views.at(-1)?.finish();
      views.push(view);
      try {
        return await work(view.event);
      } finally {
        views.splice(views.indexOf(view), 1);
        view.finish();
      }
    },
    print: writer(io.stdout),
    close: () => void docker?.then((client) => client.close()).catch(() => undefined),
  };
}

/** Loaded only here: what speaks to no engine does not pay for HTTP. */
async function connect({ flags, env, interrupts, io }: ContextInput): Promise<Docker> {
  const { chooseEngine } = await import('./engine.ts');
  const say = (line: string): void => void io.stderr.write(line);
  const { host, dryRun: readOnly = false } = flags;
  return await chooseEngine({ host, env, readOnly, signal: interrupts.signal, say });
}

type Loads = Pick<Context, 'load' | 'check' | 'project' | 'projectIfAny' | 'projectName'>;

function projectLoads(input: ContextInput, remark: (text: string) => void, color: boolean): Loads {
  const options = findOptions(input);
  const load = async (extra: Partial<LoadOptions> = {}): Promise<LoadResult> => {
    const { loadProject } = await import('../compose/load.ts');
    return await loadProject({ ...options, readStdin: async () => await readAll(input.io), ...extra });
  };
  const check = async (extra: Partial<LoadOptions> = {}): Promise<LoadResult> => {
    const result = await load(extra);
    if (result.diagnostics.length > 0) remark(formatDiagnostics(result.diagnostics, color));
    return result;
  };
  const project = async (extra: Partial<LoadOptions> = {}): Promise<Project> => (await check(extra)).project;
  const projectIfAny = async (): Promise<Project | undefined> => {
    try {
      return await project();
    } catch (error) {
      const named = input.flags.projectName !== undefined && (input.flags.file ?? []).length === 0;
      if (named && error instanceof GantryError && error.code === 'compose/file-not-found') return undefined;
      throw error;
    }
  };
  const projectName = async (): Promise<string> => {
    const { cheapProjectName } = await import('./project-name.ts');
    return (await cheapProjectName(options)) ?? (await project()).name;
  };
  return { load, check, project, projectIfAny, projectName };
}

function findOptions({ flags, env, cwd, interrupts }: ContextInput): LoadOptions {
  const projectDirectory = projectDirectoryOf(flags);
  return {
    env,
    cwd,
    signal: interrupts.signal,
    ...(flags.file === undefined ? {} : { files: flags.file }),
    ...(flags.projectName === undefined ? {} : { projectName: flags.projectName }),
    ...(projectDirectory === undefined ? {} : { projectDirectory }),
    ...(flags.envFile === undefined ? {} : { envFiles: flags.envFile }),
    ...(flags.profile === undefined ? {} : { profiles: flags.profile }),
    ...(flags.allResources === true ? { resources: 'all' } : {}),
  };
}

async function readAll(io: Io): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
