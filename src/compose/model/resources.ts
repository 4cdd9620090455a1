// Top-level elements beside services: networks, volumes, secrets, configs, models.
import type { Extensions } from './project.ts';

/** Strings by name: labels, driver options, sysctls, annotations. */
export type Mapping = Readonly<Record<string, string>>;

/** One address pool of a network. */
export interface IpamPool extends Extensions {
  readonly subnet?: string;
  readonly gateway?: string;
  readonly ip_range?: string;
  readonly aux_addresses?: Mapping;
}

/** Address management of a network. */
export interface Ipam extends Extensions {
  readonly driver?: string;
  readonly config?: readonly IpamPool[];
  readonly options?: Mapping;
}

/** A network of the project, or one that exists already (`external`). */
export interface Network extends Extensions {
  /** The name the engine knows it by: PROJECT_KEY unless given. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Mapping;
  readonly ipam?: Ipam;
  readonly external?: boolean;
  readonly internal?: boolean;
  readonly attachable?: boolean;
  readonly labels?: Mapping;
  readonly enable_ipv4?: boolean;
  readonly enable_ipv6?: boolean;
}

/** A named volume. */
export interface Volume extends Extensions {
  /** The name the engine knows it by: PROJECT_KEY unless given. */
  readonly name: string;
  readonly driver?: string;
  readonly driver_opts?: Mapping;
  readonly external?: boolean;
  readonly labels?: Mapping;
}

/** Where the bytes of a secret or config come from. */
export interface FileObject extends Extensions {
  readonly name: string;
  /** Absolute path on the host. */
  readonly file?: string;
  /** Variable of `Project.environment` that holds the value: looked up when it is needed, so that it is never printed. */
  readonly environment?: string;
  /** The value itself, where it stands in the file. */
  readonly content?: string;
  readonly external?: boolean;
  readonly labels?: Mapping;
  readonly driver?: string;
  readonly driver_opts?: Mapping;
  readonly template_driver?: string;
}

/** A secret. */
export type Secret = FileObject;

/** A configuration file. */
export type Config = FileObject;

/** A language model run by a model runner. */
export interface Model extends Extensions {
  readonly name?: string;
  readonly model: string;
  readonly context_size?: number;
  readonly runtime_flags?: readonly string[];
}
