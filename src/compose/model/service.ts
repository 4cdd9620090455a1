// A service in canonical form. Durations are Go strings (`1m30s`; base/duration.ts reads them), sizes are bytes.
import type { Build, Ulimit } from './build.ts';
import type { Deploy } from './deploy.ts';
import type { Device, DeviceRequest, EndpointConfig, FileReference, Port, VolumeMount } from './mounts.ts';
import type { Extensions } from './project.ts';
import type { Mapping } from './resources.ts';
import type {
  BlkioConfig,
  CredentialSpec,
  Develop,
  Hook,
  ModelReference,
  PreStartHook,
  Provider,
} from './service-parts.ts';
import type { Dependency, HealthCheck, Logging } from './service-parts.ts';

/** One service. */
export interface Service extends Extensions {
  /** The key under `services`. */
  readonly name: string;
  readonly profiles?: readonly string[];
  readonly annotations?: Mapping;
  readonly attach?: boolean;
  readonly build?: Build;
  readonly develop?: Develop;
  readonly blkio_config?: BlkioConfig;
  readonly cap_add?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly cgroup_parent?: string;
  readonly cgroup?: string;
  readonly cpu_count?: number;
  readonly cpu_percent?: number;
  readonly cpu_period?: number;
  readonly cpu_quota?: number;
  readonly cpu_rt_period?: number;
  readonly cpu_rt_runtime?: number;
  readonly cpus?: number;
  readonly cpuset?: string;
  readonly cpu_shares?: number;
  /** Absent or null keeps the image's; empty clears it. */
  readonly command?: readonly string[] | null;
  readonly configs?: readonly FileReference[];
  readonly container_name?: string;
  readonly credential_spec?: CredentialSpec;
  readonly depends_on?: Readonly<Record<string, Dependency>>;
  readonly deploy?: Deploy;
  readonly device_cgroup_rules?: readonly string[];
  readonly devices?: readonly Device[];
  readonly dns?: readonly string[];
  readonly dns_opt?: readonly string[];
  readonly dns_search?: readonly string[];
  readonly domainname?: string;
  /** Absent or null keeps the image's; empty clears it. */
  readonly entrypoint?: readonly string[] | null;
  readonly provider?: Provider;
  /** env_file and bare names are already merged in; null: the name is given, but no value: unset the image's. */
  readonly environment?: Readonly<Record<string, string | null>>;
  /** Only with `resolveEnvironment: false`: the files that were not read. */
  readonly env_file?: readonly EnvFile[];
  readonly expose?: readonly string[];
  readonly external_links?: readonly string[];
  /** Host name to its addresses. */
  readonly extra_hosts?: Readonly<Record<string, readonly string[]>>;
  readonly group_add?: readonly string[];
  readonly gpus?: readonly DeviceRequest[];
  readonly hostname?: string;
  readonly healthcheck?: HealthCheck;
  readonly image?: string;
  readonly init?: boolean;
  readonly ipc?: string;
  readonly isolation?: string;
  readonly labels?: Mapping;
  readonly label_file?: readonly string[];
  readonly links?: readonly string[];
  readonly logging?: Logging;
  /** Bytes. */
  readonly mem_limit?: number;
  /** Bytes. */
  readonly mem_reservation?: number;
  /** Bytes; -1 is unlimited. */
  readonly memswap_limit?: number;
  readonly mem_swappiness?: number;
  readonly mac_address?: string;
  readonly models?: Readonly<Record<string, ModelReference | null>>;
  readonly network_mode?: string;
  readonly networks?: Readonly<Record<string, EndpointConfig | null>>;
  readonly oom_kill_disable?: boolean;
  readonly oom_score_adj?: number;
  readonly pid?: string;
  readonly pids_limit?: number;
  readonly platform?: string;
  readonly ports?: readonly Port[];
  readonly pre_start?: readonly PreStartHook[];
  readonly post_start?: readonly Hook[];
  readonly pre_stop?: readonly Hook[];
  readonly privileged?: boolean;
  readonly pull_policy?: string;
  readonly pull_refresh_after?: string;
  readonly read_only?: boolean;
  readonly restart?: string;
  readonly runtime?: string;
  readonly scale?: number;
  readonly secrets?: readonly FileReference[];
  readonly security_opt?: readonly string[];
  /** Bytes. */
  readonly shm_size?: number;
  readonly stdin_open?: boolean;
  /** Duration, Go form. */
  readonly stop_grace_period?: string;
  readonly stop_signal?: string;
  readonly storage_opt?: Mapping;
  readonly sysctls?: Mapping;
  readonly tmpfs?: readonly string[];
  readonly tty?: boolean;
  readonly ulimits?: Readonly<Record<string, Ulimit>>;
  readonly use_api_socket?: boolean;
  readonly user?: string;
  readonly userns_mode?: string;
  readonly uts?: string;
  readonly volumes?: readonly VolumeMount[];
  readonly volumes_from?: readonly string[];
  readonly working_dir?: string;
}

/** A file of environment variables. */
export interface EnvFile extends Extensions {
  readonly path: string;
  readonly required?: boolean;
  /** "raw": no quotes, no interpolation. */
  readonly format?: string;
}
