// What is kept of a container in the database: JSON-safe, complete enough to start it again after any crash.
import type {
  ContainerConfig,
  ContainerStatus,
  EndpointConfig,
  Health,
  HostConfig,
  MountPoint,
} from '../../api/containers.ts';
import type { EndpointSpec, PortSpec } from '../networks/types.ts';
import { NEVER } from './time.ts';

/** A mount with everything a launch plan and `inspect` need. */
export interface MountRecord extends MountPoint {
  readonly Type: 'bind' | 'volume' | 'tmpfs';
  /** Made for this container alone: `rm -v` removes it. */
  readonly anonymous: boolean;
  readonly copyUp: boolean;
  readonly recursive: boolean;
  readonly readonlyRecursive: boolean;
  /** With tmpfs. */
  readonly options: string;
}

/** A network the container belongs to, connected or not. */
export interface Membership {
  readonly networkId: string;
  readonly config: EndpointConfig;
  /** 64 hex digits while the container runs, else "". */
  readonly endpointId: string;
  /** While it runs. */
  readonly endpoint?: EndpointSpec;
}

/** What changes while a container lives. Times are RFC3339Nano. */
export interface StateRecord {
  readonly status: ContainerStatus;
  /** Host pid of the first process, 0 = none. */
  readonly pid: number;
  readonly exitCode: number;
  readonly error: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly oomKilled: boolean;
  readonly restartCount: number;
  /** A person stopped it: `unless-stopped` leaves it alone. */
  readonly manuallyStopped: boolean;
  /** With a health check, from its first start on. */
  readonly health?: Health | undefined;
}

/** The whole record. */
export interface ContainerRecord {
  /** 64 hex digits. */
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly created: string;
  readonly imageId: string;
  /** Unpacked layers, topmost first. */
  readonly layers: readonly string[];
  /** The image's configuration with the container's own over it. */
  readonly config: ContainerConfig;
  readonly host: HostConfig;
  readonly mounts: readonly MountRecord[];
  /** By network name, in the order of connection. */
  readonly networks: Readonly<Record<string, Membership>>;
  /** Published while it runs. */
  readonly ports: readonly PortSpec[];
  readonly state: StateRecord;
  /** A build that is under way made it: without that build it goes. */
  readonly forBuild?: true | undefined;
}

/** The state of a container that was never started. */
export const NEW_STATE: StateRecord = {
  status: 'created',
  pid: 0,
  exitCode: 0,
  error: '',
  startedAt: NEVER,
  finishedAt: NEVER,
  oomKilled: false,
  restartCount: 0,
  manuallyStopped: false,
};

/** The first 12 digits of an id, as folders, cgroups and people use them. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}

/** Whether its process exists: running or paused. */
export function isAlive(record: ContainerRecord): boolean {
  return record.state.status === 'running' || record.state.status === 'paused';
}
