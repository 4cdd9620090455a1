import { mkdtempSync, rmSync, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ContainerConfig, CreateContainerBody, HostConfig } from '../../../../src/api/containers.ts';
import { cleanTarget, parseBind } from '../../../../src/engine/containers/create/bind-spec.ts';
import { mergeConfig } from '../../../../src/engine/containers/create/merge-config.ts';
import { resolveMounts, type MountSources } from '../../../../src/engine/containers/create/resolve-mounts.ts';
import { validateHost } from '../../../../src/engine/containers/create/validate.ts';
import type { HostFacts } from '../../../../src/engine/shim/host-facts.ts';
import type { VolumeHold } from '../../../../src/engine/services.ts';
import { sampleRecord } from './samples.ts';

const FACTS: HostFacts = {
  arch: 'x86_64',
  kernel: [6, 18],
  capabilities: ['CHOWN', 'SYS_ADMIN'],
  rlimitCeilings: {},
  cpus: 2,
  memory: 1 << 30,
  cgroups: { v1: [], unified: '', unifiedControllers: [] },
  bootId: '',
};
const folder = mkdtempSync(join(tmpdir(), 'mounts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const IMAGE: ContainerConfig = {
  Cmd: ['serve'],
  Entrypoint: ['/entry'],
  Env: ['PATH=/bin', 'A=image'],
  Labels: { from: 'image', both: 'image' },
  ExposedPorts: { '80/tcp': {} },
  Volumes: { '/data': {} },
  WorkingDir: '/srv',
  User: 'app',
};
const merge = (body: CreateContainerBody): ContainerConfig => mergeConfig(body, IMAGE);

test('what a request leaves out is inherited', () => {
  const merged = merge({ Env: ['A=own'], Labels: { both: 'own' }, ExposedPorts: { '53': {} } });
  expect(merged).toMatchObject({ Cmd: ['serve'], Entrypoint: ['/entry'], WorkingDir: '/srv', User: 'app' });
  expect(merged.Env).toEqual(['A=own', 'PATH=/bin']);
  expect(merged.Labels).toEqual({ from: 'image', both: 'own' });
  expect(Object.keys(merged.ExposedPorts ?? {})).toEqual(['53/tcp', '80/tcp']);
});

test.each([
  [{ Cmd: ['x'] }, ['/entry'], ['x']],
  [{ Entrypoint: ['/own'] }, ['/own'], null],
  [{ Entrypoint: ['/own'], Cmd: ['x'] }, ['/own'], ['x']],
  [{ Entrypoint: [''], Cmd: ['x'] }, null, ['x']],
  [{ Entrypoint: [], Cmd: [] }, ['/entry'], ['serve']],
  [{ Cmd: 'one string' as unknown as string[] }, ['/entry'], ['one string']],
] satisfies [CreateContainerBody, unknown, unknown][])('command of %j', (body, entrypoint, cmd) => {
  expect(merge(body)).toMatchObject({ Entrypoint: entrypoint, Cmd: cmd });
});

test('something must be left to run', () => {
  expect(() => mergeConfig({}, {})).toThrow('no command specified');
  expect(() => merge({ Entrypoint: [''] })).toThrow('no command specified');
});

test('a health check inherits what it does not set', () => {
  const image = { ...IMAGE, Healthcheck: { Test: ['CMD', 'ok'], Interval: 5 } };
  expect(mergeConfig({ Healthcheck: { Test: [], Interval: 9 } }, image).Healthcheck).toEqual({
    Test: ['CMD', 'ok'],
    Interval: 9,
  });
});

test.each([
  [{ Memory: 1024 }, 'Minimum memory limit allowed is 6MB'],
  [{ Memory: 64 << 20, MemorySwap: 32 << 20 }, 'Minimum memoryswap limit should be larger than memory limit'],
  [{ MemorySwap: 64 << 20 }, 'You should always set the Memory limit when using Memoryswap limit'],
  [{ Memory: 64 << 20, MemoryReservation: 128 << 20 }, 'can not be less than memory reservation limit'],
  [{ NanoCpus: 3e9 }, 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'],
  [{ NanoCpus: 1e9, CpuQuota: 5000 }, 'Nano CPUs and CPU Quota cannot both be set'],
  [{ CpusetCpus: '0-4294967295' }, 'Invalid value 0-4294967295 for cpuset cpus'],
  [{ CpusetCpus: '7' }, 'Requested CPUs are not available'],
  [{ CpusetCpus: '0,' }, 'Invalid value 0, for cpuset cpus'],
  [{ RestartPolicy: { Name: 'sometimes' as 'no' } }, "invalid restart policy: unknown policy 'sometimes'"],
  [
    { RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } },
    "maximum retry count can only be used with 'on-failure'",
  ],
  [{ RestartPolicy: { Name: 'always' }, AutoRemove: true }, "can't create 'AutoRemove' container with restart policy"],
  [{ LogConfig: { Type: 'syslog' } }, "no log driver named 'syslog' is registered"],
  [{ LogConfig: { Type: 'json-file', Config: { 'max-size': 'much' } } }, "invalid size: 'much'"],
  [{ LogConfig: { Type: 'local', Config: { 'max-file': '0' } } }, 'max-file cannot be less than 1'],
  [
    { LogConfig: { Type: 'json-file', Config: { 'syslog-address': 'x' } } },
    "unknown log opt 'syslog-address' for json-file log driver",
  ],
  [{ IpcMode: 'weird' }, 'Invalid IPC mode: weird'],
  [{ CapAdd: ['NOPE'] }, 'invalid capability'],
  [{ SecurityOpt: ['magic=1'] }, 'invalid --security-opt'],
  [{ CgroupParent: '/a/../../b' }, 'cgroup-parent'],
  [{ Tmpfs: { '/x': 'upperdir=/' } }, 'invalid tmpfs option'],
  [{ BlkioWeight: 5 }, 'Range of blkio weight is from 10 to 1000'],
  [{ OomScoreAdj: 2000 }, 'range for oom score adj'],
  [{ ExtraHosts: ['nope'] }, 'bad format for add-host'],
] satisfies [HostConfig, string][])('%j is refused', (host, words) => {
  expect(() => validateHost(host, FACTS)).toThrow(
    expect.objectContaining({ status: 400, message: expect.stringContaining(words) as string }) as Error,
  );
});

test('what docker compose sends for an ordinary service is fine', () => {
  const host: HostConfig = {
    RestartPolicy: { Name: '' },
    LogConfig: { Type: '', Config: null },
    Memory: 0,
    NanoCpus: 0,
    CpusetCpus: '',
    IpcMode: '',
    Binds: null,
    Ulimits: null,
    CapAdd: null,
  };
  expect(() => validateHost(host, FACTS)).not.toThrow();
});

test.each([
  ['/host:/in', { source: '/host', target: '/in', isVolume: false, readonly: false }],
  ['/host/:/in/:ro', { source: '/host', target: '/in', readonly: true }],
  ['vol:/in:rw,nocopy', { source: 'vol', isVolume: true, noCopy: true, readonly: false }],
  ['/a:/b:z,rshared', { propagation: 'rshared', mode: 'z,rshared' }],
])('bind %s', (text, expected) => expect(parseBind(text)).toMatchObject(expected));

test.each([
  ['/only', 'invalid volume specification'],
  ['/a:/b:/c:ro', 'invalid volume specification'],
  ['/a:b', 'mount path must be absolute'],
  ['/a:/', "destination can't be '/'"],
  ['/a:/x/..', "destination can't be '/'"],
  ['/a:/b:rx', 'invalid mode: rx'],
  ['./rel:/b', 'includes invalid characters for a local volume name'],
])('bind %s is refused', (text, words) => expect(() => parseBind(text)).toThrow(words));

test('targets are cleaned', () => expect(cleanTarget('/a//b/../c/', 'x')).toBe('/a/c'));

const volumes: VolumeHold = {
  ensure: async (name) =>
    Promise.resolve({
      name: name === '' ? 'anon' : name,
      driver: 'local',
      mountpoint: `/volumes/${name || 'anon'}/_data`,
    }),
  keep: () => undefined,
  [Symbol.dispose]: () => undefined,
};
const mountsOf = async (host: HostConfig, config: ContainerConfig = {}): ReturnType<typeof resolveMounts> => {
  const sources: MountSources = {
    config,
    host,
    volumes,
    container: () =>
      sampleRecord({
        mounts: [
          {
            Type: 'volume',
            Name: 'shared',
            Source: '/volumes/shared/_data',
            Destination: '/shared',
            Mode: '',
            RW: true,
            Propagation: '',
            anonymous: true,
            copyUp: true,
            recursive: true,
            readonlyRecursive: true,
            options: '',
          },
        ],
      }),
  };
  return resolveMounts(sources);
};

test("an image's volume is anonymous unless something is mounted there", async () => {
  const config = { Volumes: { '/data': {}, '/other': {} } };
  const mounts = await mountsOf({ Binds: ['named:/data'] }, config);
  expect(mounts.map(({ Name, Destination, anonymous }) => [Name, Destination, anonymous])).toEqual([
    ['named', '/data', false],
    ['anon', '/other', true],
  ]);
});

test('a short bind makes its folder, a long one refuses to', async () => {
  const missing = join(folder, 'made');
  await mountsOf({ Binds: [`${missing}:/x`] });
  expect(existsSync(missing)).toBe(true);
  const spec = { Type: 'bind', Source: join(folder, 'absent'), Target: '/x' } as const;
  await expect(mountsOf({ Mounts: [spec] })).rejects.toThrow(`bind source path does not exist: ${spec.Source}`);
  await mountsOf({ Mounts: [{ ...spec, BindOptions: { CreateMountpoint: true } }] });
  expect(existsSync(spec.Source)).toBe(true);
});

test('two mounts at one place are refused', async () => {
  await expect(mountsOf({ Binds: ['a1:/x', 'b1:/x/'] })).rejects.toThrow('Duplicate mount point: /x');
});

test('anonymous volumes of another container are of both: who is removed last takes them along', async () => {
  const [lent] = await mountsOf({ VolumesFrom: ['other:ro'] });
  expect(lent).toMatchObject({ Name: 'shared', RW: false, anonymous: true, copyUp: false });
});

test.each([
  [
    { Type: 'volume', Source: 'v1', Target: '/v', VolumeOptions: { NoCopy: true } },
    { Type: 'volume', copyUp: false },
  ],
  [
    { Type: 'volume', Target: '/v' },
    { Name: 'anon', anonymous: true, copyUp: true },
  ],
  [
    { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1024, Mode: 0o700 } },
    { Type: 'tmpfs', options: 'size=1024,mode=700' },
  ],
] as const)('long form %j', async (spec, expected) =>
  expect((await mountsOf({ Mounts: [spec] }))[0]).toMatchObject(expected),
);
