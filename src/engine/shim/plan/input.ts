// What a launch plan is made from: plain data, complete, with every name resolved. The builders decide nothing else.
import type { ContainerConfig, HostConfig } from '../../../api/containers.ts';
import type { HostFacts } from '../host-facts.ts';

/** A mount that a user, an image or the engine asks for, with its source resolved to a path of the host. */
export interface PlanMount {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** A path of the host; "" with tmpfs. */
  readonly source: string;
  readonly target: string;
  readonly readonly: boolean;
  /** private, rprivate, slave, rslave, shared, rshared; "" = rprivate. */
  readonly propagation: string;
  /** A volume is filled with what the image has at its target. */
  readonly copyUp: boolean;
  /** False: only the top mount of a bind is taken. */
  readonly recursive: boolean;
  /** Read-only applies to everything below, not only the top mount. */
  readonly readonlyRecursive: boolean;
  /** Whether the source is a file. */
  readonly isFile: boolean;
  /** With tmpfs: options as in `size=64m,mode=1777`. */
  readonly options: string;
}

/** A namespace of another process that is joined. */
export interface PlanJoin {
  readonly kind: 'pid' | 'net' | 'ipc';
  readonly path: string;
}

/** A node in the container's /dev and the permission to use it. */
export interface PlanDevice {
  readonly path: string;
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Some of `rwm`. */
  readonly access: string;
}

/** Everything about one start. */
export interface PlanInput {
  readonly id: string;
  /** The image's configuration with the container's own over it. */
  readonly config: ContainerConfig;
  readonly host: HostConfig;
  readonly facts: HostFacts;
  /** Unpacked layers, topmost first. */
  readonly layers: readonly string[];
  readonly upper: string;
  readonly work: string;
  readonly mounts: readonly PlanMount[];
  /** Files bound over /etc/hosts, /etc/hostname and /etc/resolv.conf; absent with a host's own network files. */
  readonly etc: { readonly hosts: string; readonly hostname: string; readonly resolv: string };
  readonly devices: readonly PlanDevice[];
  readonly joins: readonly PlanJoin[];
  /** Path below each hierarchy's mount point. */
  readonly cgroup: string;
  /** A host folder bound to /dev/shm so that others can join it; "" = a tmpfs of its own. */
  readonly sharedShm: string;
  /** Records of the network driver. */
  readonly network: readonly Buffer[];
  /** "" = no log file. */
  readonly logPath: string;
  /** `NAME=value` of links on the default bridge. */
  readonly linkEnv: readonly string[];
}
