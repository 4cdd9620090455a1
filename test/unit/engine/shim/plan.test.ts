import { expect, test } from 'vitest';
import type { HostConfig } from '../../../../src/api/containers.ts';
import {
  availableCapabilities,
  capabilityMask,
  effectiveCapabilities,
} from '../../../../src/engine/shim/capabilities.ts';
import { launchPlan } from '../../../../src/engine/shim/launch-plan.ts';
import type { PlanInput, PlanMount } from '../../../../src/engine/shim/plan/input.ts';
import { ATTR, containerMounts } from '../../../../src/engine/shim/plan/mounts.ts';
import { environment, mergeEnv } from '../../../../src/engine/shim/plan/process.ts';
import { checkSysctls } from '../../../../src/engine/shim/plan/sysctls.ts';
import { tmpfsOptions } from '../../../../src/engine/shim/plan/tmpfs.ts';
import { MOUNT_FLAGS, PLAN } from '../../../../src/engine/shim/records.ts';
import { readCeilings, rlimitsOf, UNLIMITED } from '../../../../src/engine/shim/rlimits.ts';

const KNOWN = availableCapabilities('CapPrm:\t000001ffffffffff\n');

const input = (host: HostConfig = {}, mounts: readonly PlanMount[] = []): PlanInput => ({
  id: 'a'.repeat(64),
  config: { Cmd: ['true'], Hostname: 'h' },
  host,
  facts: {
    arch: 'x86_64',
    kernel: [6, 18],
    capabilities: KNOWN,
    rlimitCeilings: {},
    cpus: 2,
    memory: 1 << 30,
    cgroups: { v1: [], unified: '/sys/fs/cgroup', unifiedControllers: ['memory', 'cpu', 'pids'] },
    bootId: '',
  },
  layers: ['/l1', '/l2'],
  upper: '/u',
  work: '/w',
  mounts,
  etc: { hosts: '/c/hosts', hostname: '/c/hostname', resolv: '/c/resolv.conf' },
  devices: [],
  joins: [],
  cgroup: '/gantry/aaaaaaaaaaaa',
  sharedShm: '',
  network: [],
  logPath: '/c/log',
  linkEnv: [],
});

const mount = (target: string, change: Partial<PlanMount> = {}): PlanMount => ({
  type: 'bind',
  source: '/src',
  target,
  readonly: false,
  propagation: '',
  copyUp: false,
  recursive: true,
  readonlyRecursive: true,
  isFile: false,
  options: '',
  ...change,
});

/** Record types of a plan, in order. */
function types(plan: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < plan.length; at += 8 + plan.readUInt32LE(at + 4)) found.push(plan.readUInt16LE(at));
  return found;
}

test('a plan has the records a shim needs, once', () => {
  const found = types(launchPlan(input()));
  for (const row of [PLAN.container, PLAN.process, PLAN.caps, PLAN.seccomp, PLAN.namespaces, PLAN.overlay, PLAN.log]) {
    expect(found.filter((type) => type === row.type)).toHaveLength(1);
  }
  expect(found.filter((type) => type === PLAN.layer.type)).toHaveLength(2);
});

test('a privileged container has no filter, nothing hidden and a writable /sys', () => {
  const found = types(launchPlan(input({ Privileged: true })));
  for (const row of [PLAN.seccomp, PLAN.mask, PLAN.readonlyPath, PLAN.cgroupDevices])
    expect(found).not.toContain(row.type);
  const sys = containerMounts(input({ Privileged: true })).find((made) => made.target === '/sys');
  expect((sys?.attr ?? 0n) & ATTR.ro).toBe(0n);
});

test('/sys is read-only otherwise', () => {
  const sys = containerMounts(input()).find((made) => made.target === '/sys');
  expect((sys?.attr ?? 0n) & ATTR.ro).toBe(ATTR.ro);
});

test("a user's mount replaces the default at its place, and /dev brings everything below", () => {
  const targets = (mounts: readonly PlanMount[]): string[] =>
    containerMounts(input({}, mounts)).map((made) => made.target);
  expect(targets([mount('/dev/shm')]).filter((target) => target === '/dev/shm')).toHaveLength(1);
  expect(targets([mount('/etc/hosts')]).filter((target) => target === '/etc/hosts')).toHaveLength(1);
  expect(targets([mount('/dev')]).filter((target) => target.startsWith('/dev'))).toEqual(['/dev']);
});

test('mounts of users come by depth, after the defaults', () => {
  const targets = containerMounts(input({}, [mount('/a/b/c'), mount('/a'), mount('/a/b')])).map((made) => made.target);
  expect(targets.slice(-3)).toEqual(['/a', '/a/b', '/a/b/c']);
});

test('a read-only bind is so all the way down, unless it is asked not to be', () => {
  const flags = (change: Partial<PlanMount>): number =>
    containerMounts(input({}, [mount('/a', change)])).at(-1)?.flags ?? 0;
  expect(flags({ readonly: true }) & MOUNT_FLAGS.readonlyRecursive).not.toBe(0);
  expect(flags({ readonly: true, readonlyRecursive: false }) & MOUNT_FLAGS.readonlyRecursive).toBe(0);
  expect(flags({}) & MOUNT_FLAGS.readonlyRecursive).toBe(0);
});

test('a read-only root makes the files of the engine read-only too', () => {
  const hosts = containerMounts(input({ ReadonlyRootfs: true })).find((made) => made.target === '/etc/hosts');
  expect(hosts?.attr).toBe(ATTR.ro);
});

test.each([
  [{}, 14],
  [{ CapDrop: ['ALL'] }, 0],
  [{ CapDrop: ['all'], CapAdd: ['net_admin'] }, 1],
  [{ CapAdd: ['ALL'] }, KNOWN.length],
  [{ CapAdd: ['ALL'], CapDrop: ['MKNOD'] }, KNOWN.length - 1],
  [{ CapAdd: ['CAP_SYS_TIME'] }, 15],
  [{ CapDrop: ['cap_mknod'] }, 13],
  [{ Privileged: true }, KNOWN.length],
] satisfies [HostConfig, number][])('capabilities of %j', (host, count) => {
  expect(effectiveCapabilities(host, KNOWN)).toHaveLength(count);
});

test('the default capabilities are the mask every Docker container shows', () => {
  expect(capabilityMask(effectiveCapabilities({}, KNOWN))).toBe(0xa80425fbn);
});

test('unknown capabilities are refused, and so are those the engine lacks', () => {
  expect(() => effectiveCapabilities({ CapAdd: ['NOPE'] }, KNOWN)).toThrow('invalid capability: "CAP_NOPE"');
  const less = KNOWN.filter((name) => name !== 'SYS_TIME');
  expect(() => effectiveCapabilities({ CapAdd: ['SYS_TIME'] }, less)).toThrow('not supported by your kernel');
});

test('environment: defaults first, own entries in place, a bare name unsets', () => {
  const env = environment({ Hostname: 'h', Tty: true, Env: ['PATH=/x', 'A=1', 'TERM'] });
  expect(env).toEqual(['PATH=/x', 'HOSTNAME=h', 'A=1']);
  expect(mergeEnv(['A=1', 'B=2'], ['B=3', 'C=', 'A'])).toEqual(['B=3', 'C=']);
});

test('tmpfs options: safe by default, flags are attributes, the rest is for the kernel', () => {
  expect(tmpfsOptions('')).toEqual({ attr: 14n, options: '' });
  expect(tmpfsOptions('rw,exec,size=1m,mode=700')).toEqual({ attr: 6n, options: 'size=1m,mode=700' });
  expect(tmpfsOptions('ro')).toEqual({ attr: 15n, options: '' });
  expect(() => tmpfsOptions('lowerdir=/')).toThrow('invalid tmpfs option');
});

test('rlimits: fixed defaults, lowered to what the engine may give; a wish is not', () => {
  const nofile = (ceilings: Record<string, bigint>, soft?: number): unknown =>
    rlimitsOf(soft === undefined ? [] : [{ Name: 'nofile', Soft: soft, Hard: soft }], ceilings).find(
      ({ resource }) => resource === 7,
    );
  expect(nofile({})).toEqual({ resource: 7, soft: 1024n, hard: 524288n });
  expect(nofile({ nofile: 20000n })).toEqual({ resource: 7, soft: 1024n, hard: 20000n });
  expect(nofile({ nofile: 20000n }, 30000)).toEqual({ resource: 7, soft: 30000n, hard: 30000n });
  expect(readCeilings('Max open files            20000                20000                files\n')['nofile']).toBe(
    20000n,
  );
  expect(readCeilings('Max stack size            8388608              unlimited            bytes\n')['stack']).toBe(
    UNLIMITED,
  );
  expect(() => rlimitsOf([{ Name: 'nofile', Soft: 2, Hard: 1 }], {})).toThrow('soft limit must be less');
  expect(() => rlimitsOf([{ Name: 'nope', Soft: 1, Hard: 1 }], {})).toThrow('invalid ulimit type');
});

test('sysctls stay inside the namespaces of the container', () => {
  expect(() => checkSysctls({ Sysctls: { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '1' } })).not.toThrow();
  expect(() => checkSysctls({ Sysctls: { 'kernel.core_pattern': 'x' } })).toThrow('not in a separate kernel namespace');
  expect(() => checkSysctls({ NetworkMode: 'host', Sysctls: { 'net.core.somaxconn': '1' } })).toThrow(
    'host network namespace',
  );
});
