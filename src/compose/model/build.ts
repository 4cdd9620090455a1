// The build section of a service.
import type { FileReference } from './mounts.ts';
import type { Extensions } from './project.ts';
import type { Mapping } from './resources.ts';

/** Soft and hard limit; one number stands for both. */
export type Ulimit = number | (Extensions & { readonly soft: number; readonly hard: number });

/** How to build the image of a service. */
export interface Build extends Extensions {
  /** Absolute path or URL. */
  readonly context?: string;
  readonly dockerfile?: string;
  readonly dockerfile_inline?: string;
  readonly entitlements?: readonly string[];
  readonly args?: Readonly<Record<string, string | null>>;
  readonly ssh?: Mapping;
  readonly labels?: Mapping;
  readonly cache_from?: readonly string[];
  readonly cache_to?: readonly string[];
  readonly no_cache?: boolean;
  readonly no_cache_filter?: readonly string[];
  readonly additional_contexts?: Mapping;
  readonly pull?: boolean;
  /** Host name to its addresses. */
  readonly extra_hosts?: Readonly<Record<string, readonly string[]>>;
  readonly isolation?: string;
  readonly network?: string;
  readonly target?: string;
  readonly secrets?: readonly FileReference[];
  /** Bytes. */
  readonly shm_size?: number;
  readonly tags?: readonly string[];
  readonly ulimits?: Readonly<Record<string, Ulimit>>;
  readonly platforms?: readonly string[];
  readonly privileged?: boolean;
  readonly provenance?: string;
  readonly sbom?: string;
}
