import { readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Resources } from '../../../../src/api/containers.ts';
import {
  cgroupDirs,
  cgroupVersion,
  controllerDir,
  readCgroupLayout,
  type CgroupLayout,
} from '../../../../src/engine/shim/cgroup-layout.ts';
import { cgroupWrites, cpuWeight } from '../../../../src/engine/shim/cgroup-limits.ts';

const V1: CgroupLayout = {
  v1: ['cpu,cpuacct', 'cpuset', 'memory', 'pids', 'blkio'].map((names) => ({
    controllers: names.split(','),
    mountpoint: `/sys/fs/cgroup/${names}`,
  })),
  unified: '/sys/fs/cgroup/unified',
  unifiedControllers: [],
};
const V2: CgroupLayout = {
  v1: [],
  unified: '/sys/fs/cgroup',
  unifiedControllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'],
};

const texts = (layout: CgroupLayout, resources: Resources): string[] =>
  cgroupWrites(layout, '/gantry/x', resources).map(
    ({ dir, file, value }) => `${dir.replace('/sys/fs/cgroup', '')}/${file}=${value}`,
  );

test('a hybrid mount table: version 1 holds the controllers, version 2 is a hierarchy like the others', () => {
  const layout = readCgroupLayout(
    [
      '31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755',
      '32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime - cgroup cgroup rw,cpu,cpuacct',
      '35 31 0:32 / /sys/fs/cgroup/memory rw,relatime shared:3 - cgroup cgroup rw,memory',
      '40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd',
    ].join('\n'),
  );
  expect(layout.v1.map(({ controllers }) => controllers)).toEqual([['cpu', 'cpuacct'], ['memory'], ['name=systemd']]);
  expect(cgroupVersion(layout)).toBe(1);
  expect(controllerDir(layout, 'cpu', '/g')).toBe('/sys/fs/cgroup/cpu,cpuacct/g');
  expect(controllerDir(layout, 'pids', '/g')).toBe('');
  expect(cgroupDirs(V1, '/g').at(-1)).toBe('/sys/fs/cgroup/unified/g');
});

test('version 2 alone', () => {
  expect(cgroupVersion(V2)).toBe(2);
  expect(cgroupDirs(V2, '/g')).toEqual(['/sys/fs/cgroup/g']);
});

test.each([
  [
    { Memory: 64 << 20 },
    ['/memory/gantry/x/memory.limit_in_bytes=67108864', '/memory/gantry/x/memory.memsw.limit_in_bytes=134217728'],
    ['/gantry/x/memory.max=67108864', '/gantry/x/memory.swap.max=67108864'],
  ],
  [
    { Memory: 64 << 20, MemorySwap: -1 },
    ['/memory/gantry/x/memory.limit_in_bytes=67108864', '/memory/gantry/x/memory.memsw.limit_in_bytes=-1'],
    ['/gantry/x/memory.max=67108864', '/gantry/x/memory.swap.max=max'],
  ],
  [
    { NanoCpus: 5e8 },
    ['/cpu,cpuacct/gantry/x/cpu.cfs_period_us=100000', '/cpu,cpuacct/gantry/x/cpu.cfs_quota_us=50000'],
    ['/gantry/x/cpu.max=50000 100000'],
  ],
  [
    { CpuQuota: -1, CpuPeriod: 50000 },
    ['/cpu,cpuacct/gantry/x/cpu.cfs_period_us=50000', '/cpu,cpuacct/gantry/x/cpu.cfs_quota_us=-1'],
    ['/gantry/x/cpu.max=max 50000'],
  ],
  [{ CpuShares: 1024 }, ['/cpu,cpuacct/gantry/x/cpu.shares=1024'], ['/gantry/x/cpu.weight=100']],
  [{ PidsLimit: 10 }, ['/pids/gantry/x/pids.max=10'], ['/gantry/x/pids.max=10']],
  [{ PidsLimit: -1 }, ['/pids/gantry/x/pids.max=max'], ['/gantry/x/pids.max=max']],
  [{ CpusetCpus: '0-1' }, ['/cpuset/gantry/x/cpuset.cpus=0-1'], ['/gantry/x/cpuset.cpus=0-1']],
  [
    { BlkioWeight: 500 },
    ['/blkio/gantry/x/blkio.weight=500', '/blkio/gantry/x/blkio.bfq.weight=500'],
    ['/gantry/x/io.bfq.weight=500', '/gantry/x/io.weight=default 4950'],
  ],
  [{}, [], []],
] satisfies [Resources, string[], string[]][])('limits of %j', (resources, v1, v2) => {
  expect(texts(V1, resources)).toEqual(v1);
  expect(texts(V2, resources)).toEqual(v2);
});

const DISK = readdirSync('/dev')
  .map((name) => `/dev/${name}`)
  .find((path) => statSync(path, { throwIfNoEntry: false })?.isBlockDevice());

test.runIf(DISK)('rates of single disks', () => {
  const Path = DISK ?? '';
  const limits = { BlkioDeviceReadBps: [{ Path, Rate: 1000 }], BlkioDeviceWriteIOps: [{ Path, Rate: 9 }] };
  expect(texts(V1, limits)).toEqual([
    expect.stringMatching(/^\/blkio\/gantry\/x\/blkio\.throttle\.read_bps_device=\d+:\d+ 1000$/),
    expect.stringMatching(/^\/blkio\/gantry\/x\/blkio\.throttle\.write_iops_device=\d+:\d+ 9$/),
  ]);
  expect(texts(V2, limits)).toEqual([
    expect.stringMatching(/^\/gantry\/x\/io\.max=\d+:\d+ rbps=1000$/),
    expect.stringMatching(/^\/gantry\/x\/io\.max=\d+:\d+ wiops=9$/),
  ]);
});

test('what is no disk has no rates', () => {
  const limits = (Path: string): Resources => ({ BlkioDeviceReadBps: [{ Path, Rate: 1 }] });
  expect(() => texts(V1, limits('/dev/null'))).toThrow('/dev/null is no block device');
  expect(() => texts(V1, limits('/dev/not-there'))).toThrow('no such device: /dev/not-there');
});

test.each([
  [2, 1],
  [1024, 100],
  [262144, 10000],
])('cpu shares %i are weight %i', (shares, weight) => expect(cpuWeight(shares)).toBe(weight));
