// Body of GET /containers/{id}/stats. Declarations only; times RFC3339Nano, sizes bytes, CPU
// nanoseconds.

/** What a cgroup's processes used of the CPUs. */
export interface CpuStats {
  readonly cpu_usage: {
    readonly total_usage: number;
    /** With cgroup version 1. */
    readonly percpu_usage?: readonly number[];
    readonly usage_in_kernelmode: number;
    readonly usage_in_usermode: number;
  };
  /** All CPUs together, idle time included; absent in an empty sample. */
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
  readonly throttling_data: {
    readonly periods: number;
    readonly throttled_periods: number;
    readonly throttled_time: number;
  };
}

export interface MemoryStats {
  readonly usage?: number;
  /** With cgroup version 1. */
  readonly max_usage?: number;
  readonly stats?: Readonly<Record<string, number>>;
  readonly failcnt?: number;
  /** The machine's memory when the container has no limit. */
  readonly limit?: number;
}

/** One count of a block device. */
export interface BlkioEntry {
  readonly major: number;
  readonly minor: number;
  /** `Read`, `Write`, `Total` … with cgroup version 1, `read` and `write` with version 2. */
  readonly op: string;
  readonly value: number;
}

/** The lists of block I/O counts, null where the cgroup version has none. */
export type BlkioStats = Readonly<Record<BlkioList, readonly BlkioEntry[] | null>>;

/** Names of the lists. */
export type BlkioList =
  | 'io_service_bytes_recursive'
  | 'io_serviced_recursive'
  | 'io_queue_recursive'
  | 'io_service_time_recursive'
  | 'io_wait_time_recursive'
  | 'io_merged_recursive'
  | 'io_time_recursive'
  | 'sectors_recursive';

/** Counters of one interface, as the container sees it. */
export interface NetworkStats {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: number;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: number;
  readonly tx_dropped: number;
}

/** One sample; all zero but for name and id when the container does not run. */
export interface ContainerStats {
  readonly read: string;
  readonly preread: string;
  readonly pids_stats: { readonly current?: number; readonly limit?: number };
  readonly blkio_stats: BlkioStats;
  readonly num_procs: number;
  readonly storage_stats: Readonly<Record<string, never>>;
  readonly cpu_stats: CpuStats;
  readonly precpu_stats: CpuStats;
  readonly memory_stats: MemoryStats;
  /** With a slash. */
  readonly name: string;
  readonly id: string;
  readonly networks?: Readonly<Record<string, NetworkStats>>;
}
