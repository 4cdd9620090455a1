import { expect, it } from 'vitest';
import type { ContainerStats } from '../../../src/api/stats.ts';
import { cpuPercent, statsRow } from '../../../src/cli/container/stats-row.ts';

const cpu = (own: number, machine: number): ContainerStats['cpu_stats'] => ({
  cpu_usage: { total_usage: own, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  system_cpu_usage: machine,
  online_cpus: 2,
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
});
const net = { rx_bytes: 500, rx_packets: 0, rx_errors: 0, rx_dropped: 0, tx_bytes: 0, tx_packets: 0 };
const sample = {
  ...{ read: '', preread: '', num_procs: 0, storage_stats: {}, name: '/web-1', id: 'a'.repeat(64) },
  pids_stats: { current: 3 },
  cpu_stats: cpu(300, 2000),
  precpu_stats: cpu(100, 1000),
  memory_stats: { usage: 3 * 1024 * 1024, limit: 4 * 1024 * 1024, stats: { inactive_file: 1024 * 1024 } },
  networks: { eth0: { ...net, tx_errors: 0, tx_dropped: 0 }, eth1: { ...net, tx_errors: 0, tx_dropped: 0 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: 'Read', value: 2000 },
      { major: 8, minor: 0, op: 'write', value: 1 },
      { major: 8, minor: 0, op: 'Total', value: 9 },
    ],
  },
} as unknown as ContainerStats;

it('computes as Docker does', () => {
  expect(statsRow(sample, 'web', true)).toEqual({
    BlockIO: '2kB / 1B',
    CPUPerc: '40.00%',
    Container: 'web',
    ID: 'a'.repeat(12),
    MemPerc: '50.00%',
    MemUsage: '2MiB / 4MiB',
    Name: 'web-1',
    NetIO: '1kB / 0B',
    PIDs: '3',
  });
});

it('says zero without a sample before, and without a limit', () => {
  expect(cpuPercent({ ...sample, precpu_stats: sample.cpu_stats })).toBe(0);
  const idle = { ...sample, memory_stats: {}, pids_stats: {}, networks: {} };
  expect(statsRow(idle, 'web', false)).toMatchObject({ MemUsage: '0B / 0B', MemPerc: '0.00%', PIDs: '0' });
});
