// What goes into the loader and what comes out of it.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Env } from '../base/env.ts';
import type { Project } from './model/project.ts';
import type { Origin } from './source.ts';
import type { Tree } from './tree.ts';

/** Where to look for a project. */
export interface FindOptions {
  /** Files of `-f`, in order; '-' is standard input. Empty or absent: COMPOSE_FILE, else the search for a default name. */
  readonly files?: readonly string[];
  /** `-p`; refused when not normalised. */
  readonly projectName?: string;
  /** `--project-directory`. */
  readonly projectDirectory?: string;
  /** `--env-file`, in order; instead of `.env`. */
  readonly envFiles?: readonly string[];
  /** The process environment; wins over `.env`. */
  readonly env: Env;
  readonly cwd: string;
  readonly signal?: AbortSignal;
}

/** How to load a project. */
export interface LoadOptions extends FindOptions {
  /** `--profile`; when given, COMPOSE_PROFILES is ignored; '*' is all. */
  readonly profiles?: readonly string[];
  /** Reads standard input to its end, for the file '-'. */
  readonly readStdin?: () => Promise<string>;
  /** Only these services and what they depend on; all when empty or absent. */
  readonly services?: readonly string[];
  /** Default true. False keeps `${…}` as written. */
  readonly interpolate?: boolean;
  /** Default true. False adds no default network, names and implied dependencies. */
  readonly normalize?: boolean;
  /** Default true. False keeps relative paths. */
  readonly resolvePaths?: boolean;
  /** Default true. False keeps env_file and bare names. */
  readonly resolveEnvironment?: boolean;
  /** Default true. False skips the checks across elements. */
  readonly checkConsistency?: boolean;
  /** Keep the networks, volumes … that selected services use (the default), enabled ones as well, or all. */
  readonly resources?: 'selected' | 'enabled' | 'all';
  /** Warn of attributes that are used and not applied: for verbs that make things. Default false. */
  readonly tellUnapplied?: boolean;
}

/** A loaded project and what deserves a warning. */
export interface LoadResult {
  readonly project: Project;
  readonly diagnostics: readonly Diagnostic[];
  /** The whole merged model with the places of its values, before profiles and services are chosen. */
  readonly model: Tree;
  /** What of it is chosen, with the files of its services read. */
  readonly chosen: Tree;
}

/** What is known of a project before its files are read. */
export interface FoundProject {
  /** Absent when neither flag, variable nor directory gives a name and `name:` of the files must be read. */
  readonly name?: string;
  /** Absolute; the files' relative paths are resolved against it. */
  readonly workingDir: string;
  /** Absolute paths, or '-'; empty when no file was found. */
  readonly files: readonly string[];
  /** Files of `--env-file` or the `.env` that was read, absolute. */
  readonly envFiles: readonly string[];
  /** Process environment over `.env`. */
  readonly environment: Env;
  /** Where a file sets one of them. */
  readonly places: ReadonlyMap<string, Origin>;
  readonly diagnostics: readonly Diagnostic[];
}

/** The type of `loadProject` in load.ts. Errors: one GantryError with all diagnostics. */
export type LoadProject = (options: LoadOptions) => Promise<LoadResult>;

/** The type of `findProject` in load.ts: for verbs that only need a name. */
export type FindProject = (options: FindOptions) => Promise<FoundProject>;
