// GET /containers/{id}/stats and /system/df: by the docker command and by dockerode.
import Dockerode from 'dockerode';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContainerStats } from '../../src/api/stats.ts';
import type { DiskUsage } from '../../src/api/usage.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { dockerFor } from '../support/docker.ts';
import { TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let api: Dockerode;
const { ok, inspect } = dockerFor(() => engine);
const LOOP = 'dd if=/dev/zero of=/big bs=1M count=2 2>/dev/null; while :; do :; done';

beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
  api = new Dockerode({ socketPath: engine.socket });
  await ok(
    'run',
    '-d',
    '--name',
    'busy',
    '-m',
    '64m',
    '--pids-limit',
    '9',
    '-v',
    'vol:/v',
    'busybox',
    'sh',
    '-c',
    LOOP,
  );
  await ok('create', '--name', 'still', 'busybox', 'true');
});
afterAll(async () => {
  await ok('rm', '-f', '-v', 'busy', 'still');
  await ok('volume', 'rm', 'vol');
  await engine[Symbol.asyncDispose]();
});

const sample = async (name: string, options: object): Promise<ContainerStats> =>
  (await api.getContainer(name).stats(options)) as ContainerStats;

it('two samples give what was used between them', async () => {
  const stats = await sample('busy', { stream: false });
  expect(Date.parse(stats.read) - Date.parse(stats.preread)).toBeGreaterThan(900);
  expect(stats.cpu_stats.cpu_usage.total_usage).toBeGreaterThan(stats.precpu_stats.cpu_usage.total_usage);
  expect(stats.cpu_stats.system_cpu_usage).toBeGreaterThan(stats.precpu_stats.system_cpu_usage ?? Infinity);
  expect(stats).toMatchObject({ name: '/busy', pids_stats: { current: 1, limit: 9 }, num_procs: 0 });
  expect(stats.memory_stats).toMatchObject({ limit: 64 * 1024 * 1024 });
  expect(stats.memory_stats.usage).toBeGreaterThan(0);
  expect(Object.keys(stats.networks ?? {})).toEqual(['eth0']);
});

it('one sample comes at once, and is empty when nothing runs', async () => {
  expect((await sample('busy', { stream: false, 'one-shot': true })).preread).toMatch(/^0001-01-01/);
  const still = await sample('still', { stream: false });
  expect(still).toMatchObject({ name: '/still', read: '0001-01-01T00:00:00Z', memory_stats: {}, pids_stats: {} });
  await expect(sample('busy', { 'one-shot': true })).rejects.toMatchObject({ statusCode: 400 });
});

it('the docker command draws them', async () => {
  const format = '{{.Name}} {{.MemUsage}} {{.PIDs}}';
  const lines = (await ok('stats', '--no-stream', '-a', '--format', format)).split('\n').toSorted();
  expect(lines[0]).toMatch(/^busy [\d.]+[KM]iB \/ 64MiB 1$/);
  expect(lines[1]).toBe('still 0B / 0B 0');
});

it('system df counts each thing once', async () => {
  const [image] = JSON.parse(await ok('image', 'inspect', 'busybox')) as [{ Size: number }];
  const usage = (await api.df()) as DiskUsage;
  expect(usage.LayersSize).toBe(image.Size);
  expect(usage.Images).toMatchObject([{ Containers: 2, SharedSize: 0, Size: image.Size }]);
  const busy = usage.Containers?.find(({ Names }) => Names[0] === '/busy');
  expect(busy?.SizeRw).toBe(2 * 1024 * 1024);
  expect(busy?.SizeRootFs).toBeGreaterThan(busy?.SizeRw ?? 0);
  expect(usage.Volumes).toMatchObject([{ Name: 'vol', UsageData: { Size: 0, RefCount: 1 } }]);
  expect(await ok('system', 'df')).toMatch(/Images +1 +1/);
  expect(await ok('ps', '-s', '--format', '{{.Names}} {{.Size}}')).toMatch(/^busy 2.1MB \(virtual [\d.]+MB\)$/);
  expect((await inspect('busy')).State.Running).toBe(true);
});
