// The deploy section of a service: replicas, resources, restart policy, placement.
import type { DeviceRequest } from './mounts.ts';
import type { Extensions } from './project.ts';
import type { Mapping } from './resources.ts';

/** How a service is deployed. */
export interface Deploy extends Extensions {
  readonly mode?: string;
  readonly replicas?: number;
  readonly labels?: Mapping;
  readonly update_config?: UpdateConfig;
  readonly rollback_config?: UpdateConfig;
  readonly resources?: Resources;
  readonly restart_policy?: RestartPolicy;
  readonly placement?: Placement;
  readonly endpoint_mode?: string;
}

/** How a rolling update goes. */
export interface UpdateConfig extends Extensions {
  readonly parallelism?: number;
  /** Duration, Go form. */
  readonly delay?: string;
  readonly failure_action?: string;
  /** Duration, Go form. */
  readonly monitor?: string;
  readonly max_failure_ratio?: number;
  readonly order?: string;
}

/** Limits and reservations. */
export interface Resources extends Extensions {
  readonly limits?: ResourceLimits;
  readonly reservations?: ResourceReservations;
}

/** The most a container may use. */
export interface ResourceLimits extends Extensions {
  readonly cpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly pids?: number;
}

/** What a container is promised. */
export interface ResourceReservations extends Extensions {
  readonly cpus?: number;
  /** Bytes. */
  readonly memory?: number;
  readonly devices?: readonly DeviceRequest[];
  readonly generic_resources?: readonly GenericResource[];
}

/** A counted resource of no kind known here. */
export interface GenericResource extends Extensions {
  readonly discrete_resource_spec?: Extensions & { readonly kind: string; readonly value: number };
}

/** When to start a container again. */
export interface RestartPolicy extends Extensions {
  /** `none`, `on-failure` or `any`. */
  readonly condition?: string;
  /** Duration, Go form. */
  readonly delay?: string;
  readonly max_attempts?: number;
  /** Duration, Go form. */
  readonly window?: string;
}

/** Where a service may run. */
export interface Placement extends Extensions {
  readonly constraints?: readonly string[];
  readonly preferences?: readonly (Extensions & { readonly spread?: string })[];
  readonly max_replicas_per_node?: number;
}
