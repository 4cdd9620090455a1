// The canonical Project: what a set of compose files means, in the language's own attribute names.
// Plain data, always in the long form, never a class; nothing here reads a file or knows an engine.
import type { Env } from '../../base/env.ts';
import type { Config, Model, Network, Secret, Volume } from './resources.ts';
import type { Service } from './service.ts';

/** Keys beginning with `x-`, kept as they were written. */
export interface Extensions {
  readonly [key: `x-${string}`]: unknown;
}

/** A whole project after merging, defaults and normalisation. */
export interface Project extends Extensions {
  /** Normalised: lower case letters, digits, `_` and `-`. */
  readonly name: string;
  /** Absolute; relative paths of the files were resolved against it. */
  readonly working_dir: string;
  /** The files read with `-f` or found, absolute, in order; "-" for standard input. */
  readonly compose_files: readonly string[];
  /** Files given with `--env-file`, absolute. */
  readonly env_files: readonly string[];
  /** Process environment over `.env`, with COMPOSE_PROJECT_NAME. */
  readonly environment: Env;
  /** Profiles switched on. */
  readonly profiles: readonly string[];
  /** Enabled services, by name. */
  readonly services: Readonly<Record<string, Service>>;
  /** Services switched off by profile or selection: known, but not to be run. */
  readonly disabled_services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, Network>>;
  readonly volumes: Readonly<Record<string, Volume>>;
  readonly secrets: Readonly<Record<string, Secret>>;
  readonly configs: Readonly<Record<string, Config>>;
  readonly models: Readonly<Record<string, Model>>;
}
