// Smaller sections of a service: dependencies, health, logging, hooks, development, block io.
import type { Extensions } from './project.ts';
import type { Mapping } from './resources.ts';

/** What a dependency must have reached before its dependents start. */
export type DependencyCondition = 'service_started' | 'service_healthy' | 'service_completed_successfully';

/** One entry of `depends_on`, declared or implied by links, namespaces and volumes_from. */
export interface Dependency extends Extensions {
  readonly condition: DependencyCondition;
  /** Restart the dependent when the dependency is recreated or restarted by a command. */
  readonly restart?: boolean;
  readonly required: boolean;
}

/** How the health of a container is probed. Durations are Go strings. */
export interface HealthCheck extends Extensions {
  /** Begins with CMD, CMD-SHELL or NONE. */
  readonly test?: readonly string[];
  readonly timeout?: string;
  readonly interval?: string;
  readonly retries?: number;
  readonly start_period?: string;
  readonly start_interval?: string;
  readonly disable?: boolean;
}

/** Where the output of a container goes. */
export interface Logging extends Extensions {
  readonly driver?: string;
  readonly options?: Mapping;
}

/** A command run in a container at a point of its life. */
export interface Hook extends Extensions {
  readonly command?: readonly string[];
  readonly user?: string;
  readonly privileged?: boolean;
  readonly working_dir?: string;
  readonly environment?: Readonly<Record<string, string | null>>;
}

/** A short-lived container run before the service's first start. */
export interface PreStartHook extends Hook {
  readonly image?: string;
  readonly per_replica?: boolean;
}

/** A service run by a program outside. */
export interface Provider extends Extensions {
  readonly type: string;
  readonly options?: Readonly<Record<string, readonly string[]>>;
}

/** Names of the variables that tell a service where its model is. */
export interface ModelReference extends Extensions {
  readonly endpoint_var?: string;
  readonly model_var?: string;
}

/** Windows credentials: parsed only. */
export interface CredentialSpec extends Extensions {
  readonly config?: string;
  readonly file?: string;
  readonly registry?: string;
}

/** Development settings. */
export interface Develop extends Extensions {
  readonly watch?: readonly WatchRule[];
}

/** One rule of `develop.watch`. */
export interface WatchRule extends Extensions {
  readonly path: string;
  readonly action: string;
  readonly target?: string;
  readonly exec?: Hook;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  readonly initial_sync?: boolean;
}

/** Block device limits. */
export interface BlkioConfig extends Extensions {
  readonly weight?: number;
  readonly weight_device?: readonly WeightDevice[];
  readonly device_read_bps?: readonly ThrottleDevice[];
  readonly device_read_iops?: readonly ThrottleDevice[];
  readonly device_write_bps?: readonly ThrottleDevice[];
  readonly device_write_iops?: readonly ThrottleDevice[];
}

/** Share of one device. */
export interface WeightDevice extends Extensions {
  readonly path: string;
  readonly weight: number;
}

/** Rate of one device: bytes or operations a second. */
export interface ThrottleDevice extends Extensions {
  readonly path: string;
  readonly rate: number;
}
