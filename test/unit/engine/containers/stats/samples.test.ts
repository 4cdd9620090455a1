import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blkioStats, parseBlkio, parseIoStat } from '../../../../../src/engine/containers/stats/blkio.ts';
import { cpuStats, machineTime } from '../../../../../src/engine/containers/stats/cpu.ts';
import { memoryStats, pidsStats } from '../../../../../src/engine/containers/stats/memory.ts';
import { parseNetDev } from '../../../../../src/engine/containers/stats/networks.ts';
import { readHostFacts, type HostFacts } from '../../../../../src/engine/shim/host-facts.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'stats-'));
});
afterAll(async () => rm(root, { recursive: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

const GIB = 1024 ** 3;
const facts = (cgroups: HostFacts['cgroups']): HostFacts => ({ ...readHostFacts(), memory: 4 * GIB, cgroups });
const versionTwo = (): HostFacts =>
  facts({ v1: [], unified: join(root, '2'), unifiedControllers: ['cpu', 'memory', 'pids', 'io'] });
const versionOne = (): HostFacts => {
  const names = ['cpuacct', 'cpu', 'memory', 'pids', 'blkio'];
  const v1 = names.map((name) => ({ controllers: [name], mountpoint: join(root, '1', name) }));
  return facts({ v1, unified: '', unifiedControllers: [] });
};

describe('cgroup version 2', () => {
  it('gives time in nanoseconds, memory with the machine as limit, and bytes read and written', async () => {
    await write({
      '2/c/cpu.stat': 'usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 4\nnr_throttled 3\nthrottled_usec 2\n',
      '2/c/memory.current': '4096\n',
      '2/c/memory.max': 'max\n',
      '2/c/memory.stat': 'anon 1\ninactive_file 2\n',
      '2/c/memory.events': 'low 0\noom 5\n',
      '2/c/pids.current': '3\n',
      '2/c/pids.max': '10\n',
      '2/c/io.stat': '8:0 rbytes=5 wbytes=6 rios=1 wios=2\n253:1 dbytes=0\n',
    });
    expect(await cpuStats(versionTwo(), 'c')).toMatchObject({
      cpu_usage: { total_usage: 30_000, usage_in_usermode: 20_000, usage_in_kernelmode: 10_000 },
      throttling_data: { periods: 4, throttled_periods: 3, throttled_time: 2000 },
    });
    expect((await cpuStats(versionTwo(), 'c')).cpu_usage).not.toHaveProperty('percpu_usage');
    const stats = { anon: 1, inactive_file: 2 };
    expect(await memoryStats(versionTwo(), 'c')).toEqual({ usage: 4096, stats, failcnt: 5, limit: 4 * GIB });
    expect(await pidsStats(versionTwo(), 'c')).toEqual({ current: 3, limit: 10 });
    const blkio = await blkioStats(versionTwo(), 'c');
    expect(blkio.io_serviced_recursive).toBeNull();
    expect(blkio.io_service_bytes_recursive).toEqual([
      { major: 8, minor: 0, op: 'read', value: 5 },
      { major: 8, minor: 0, op: 'write', value: 6 },
    ]);
  });
});

describe('cgroup version 1', () => {
  it('gives time per processor, ticks as nanoseconds, and limits no higher than the machine', async () => {
    await write({
      '1/cpuacct/c/cpuacct.usage': '300\n',
      '1/cpuacct/c/cpuacct.usage_percpu': '100 200 \n',
      '1/cpuacct/c/cpuacct.stat': 'user 1\nsystem 2\n',
      '1/cpu/c/cpu.stat': 'nr_periods 4\nnr_throttled 3\nthrottled_time 2\n',
      '1/memory/c/memory.usage_in_bytes': '10\n',
      '1/memory/c/memory.max_usage_in_bytes': '20\n',
      '1/memory/c/memory.failcnt': '0\n',
      '1/memory/c/memory.limit_in_bytes': '9223372036854771712\n',
      '1/memory/c/memory.stat': 'cache 1\ntotal_inactive_file 2\n',
      '1/blkio/c/blkio.throttle.io_service_bytes_recursive': '8:0 Read 5\n8:0 Total 5\nTotal 5\n',
    });
    expect(await cpuStats(versionOne(), 'c')).toMatchObject({
      cpu_usage: { total_usage: 300, percpu_usage: [100, 200], usage_in_usermode: 1e7, usage_in_kernelmode: 2e7 },
      throttling_data: { periods: 4, throttled_periods: 3, throttled_time: 2 },
    });
    const stats = { cache: 1, total_inactive_file: 2 };
    expect(await memoryStats(versionOne(), 'c')).toEqual({ usage: 10, max_usage: 20, stats, limit: 4 * GIB });
    expect(await pidsStats(versionOne(), 'c')).toEqual({ current: 0 });
    expect((await blkioStats(versionOne(), 'c')).io_service_bytes_recursive).toHaveLength(2);
  });
});

describe('the files of the kernel', () => {
  it('are read as they are written', () => {
    expect(machineTime('cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3\n')).toBe(36e7);
    expect(parseBlkio('8:16 Write 7\n8:16 9\nTotal 7\n')).toEqual([
      { major: 8, minor: 16, op: 'Write', value: 7 },
      { major: 8, minor: 16, op: '', value: 9 },
    ]);
    expect(parseIoStat('')).toEqual([]);
    const text =
      'Inter-|   Receive     |  Transmit\n face |bytes packets\n    lo: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n' +
      '  eth0:  10 2 3 4 0 0 0 0 20 6 7 8 0 0 0 0\n';
    expect(parseNetDev(text)).toEqual({
      eth0: {
        ...{ rx_bytes: 10, rx_packets: 2, rx_errors: 3, rx_dropped: 4 },
        ...{ tx_bytes: 20, tx_packets: 6, tx_errors: 7, tx_dropped: 8 },
      },
    });
  });
});
