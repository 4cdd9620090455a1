import { expect, test } from 'vitest';
import { isGantryError } from '../../../src/base/error.ts';
import { checkHost, readHostFacts, type HostFacts } from '../../../src/engine/host-checks.ts';

const GOOD: HostFacts = {
  uid: 0,
  kernel: '5.15.0-91-generic',
  filesystems: ['ext4', 'overlay'],
  hasOverlayModule: false,
  dataFsType: 0xef53,
  data: '/var/lib/gantry',
  cgroups: ['cgroup2'],
  hasIptables: true,
  namespaces: ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'],
};

test('a host with everything passes', () => {
  expect(() => checkHost(GOOD)).not.toThrow();
  expect(() => checkHost({ ...GOOD, filesystems: [], hasOverlayModule: true, kernel: '6.1.0-13-amd64' })).not.toThrow();
});

test.each<[Partial<HostFacts>, string, RegExp]>([
  [{ uid: 1000 }, 'engine/not-root', /must run as root/],
  [{ kernel: '5.10.0-26-amd64' }, 'engine/unsupported-host', /kernel 5\.10\.0-26-amd64 is too old: 5\.15/],
  [{ kernel: '4.19.1' }, 'engine/unsupported-host', /too old/],
  [{ filesystems: ['ext4'] }, 'engine/unsupported-host', /no overlayfs/],
  [{ dataFsType: 0x794c7630 }, 'engine/unsupported-host', /\/var\/lib\/gantry is on overlayfs/],
  [{ cgroups: [] }, 'engine/unsupported-host', /no cgroups/],
  [{ hasIptables: false }, 'engine/unsupported-host', /iptables is missing/],
  [{ namespaces: ['mnt', 'uts', 'ipc'] }, 'engine/unsupported-host', /no pid, net namespaces/],
])('%o is one clear error with a remedy', (lack, code, message) => {
  try {
    checkHost({ ...GOOD, ...lack });
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) as string });
    expect(isGantryError(error) && error.hint).toMatch(/\w/);
  }
});

test('facts are read of a folder that does not exist yet', async () => {
  const facts = await readHostFacts('/tmp/not/there/yet');
  expect(facts.namespaces).toContain('net');
  expect(facts.dataFsType).toBeGreaterThan(0);
});
