// What a service attaches: ports, volumes, secrets and configs, devices, networks.
import type { Extensions } from './project.ts';
import type { Mapping } from './resources.ts';

/** A published port. Ranges with a target each are expanded; a host range for one target stays a range. */
export interface Port extends Extensions {
  readonly name?: string;
  /** `ingress` or `host`. */
  readonly mode?: string;
  readonly host_ip?: string;
  /** Port inside the container. */
  readonly target: number;
  /** Host port or range (`8000-8010`); absent: any free port. */
  readonly published?: string;
  readonly protocol?: string;
  readonly app_protocol?: string;
}

/** Kinds of mounts. */
export type MountType = 'bind' | 'volume' | 'tmpfs' | 'cluster' | 'npipe' | 'image';

/** One entry of `volumes`. */
export interface VolumeMount extends Extensions {
  readonly type: MountType;
  /** Absolute host path (bind), key of the top-level volume (volume), image (image); absent: anonymous. */
  readonly source?: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly consistency?: string;
  readonly bind?: BindOptions;
  readonly volume?: VolumeOptions;
  readonly tmpfs?: TmpfsOptions;
  readonly image?: ImageOptions;
}

/** Options of a bind mount. */
export interface BindOptions extends Extensions {
  readonly propagation?: string;
  readonly create_host_path?: boolean;
  readonly recursive?: string;
  /** `z` or `Z`. */
  readonly selinux?: string;
}

/** Options of a volume mount. */
export interface VolumeOptions extends Extensions {
  readonly labels?: Mapping;
  readonly nocopy?: boolean;
  readonly subpath?: string;
}

/** Options of a tmpfs mount. */
export interface TmpfsOptions extends Extensions {
  /** Bytes. */
  readonly size?: number;
  /** File mode bits. */
  readonly mode?: number;
}

/** Options of an image mount. */
export interface ImageOptions extends Extensions {
  readonly subpath?: string;
}

/** Use of a secret or config by a service. */
export interface FileReference extends Extensions {
  readonly source: string;
  readonly target?: string;
  readonly uid?: string;
  readonly gid?: string;
  /** File mode bits. */
  readonly mode?: number;
}

/** A host device. */
export interface Device extends Extensions {
  readonly source: string;
  readonly target?: string;
  readonly permissions?: string;
}

/** Devices asked from a driver (`gpus`, deploy reservations). */
export interface DeviceRequest extends Extensions {
  readonly capabilities?: readonly string[];
  readonly driver?: string;
  /** -1 is all. */
  readonly count?: number;
  readonly device_ids?: readonly string[];
  readonly options?: Mapping;
}

/** How a service joins one network; null is "with nothing special". */
export interface EndpointConfig extends Extensions {
  readonly aliases?: readonly string[];
  readonly interface_name?: string;
  readonly ipv4_address?: string;
  readonly ipv6_address?: string;
  readonly link_local_ips?: readonly string[];
  readonly mac_address?: string;
  readonly driver_opts?: Mapping;
  readonly priority?: number;
  readonly gw_priority?: number;
}
