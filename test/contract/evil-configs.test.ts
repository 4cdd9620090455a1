// Images whose configuration is absurd but well-formed: a container of one is refused with words or stays contained, and
// the engine goes on.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../support/api.ts';
import { dockerFor } from '../support/docker.ts';
import { TestEngine } from '../support/engine.ts';
import { busyboxRootfs } from '../support/rootfs.ts';
import { tarOf } from '../support/tar.ts';

let engine: TestEngine;
let folder: string;
let layer: Buffer;
const { docker, ok } = dockerFor(() => engine);

beforeAll(async () => {
  engine = await TestEngine.start();
  folder = await mkdtemp(join(tmpdir(), 'gantry-evil-'));
  layer = await buffer(createReadStream((await busyboxRootfs()).tar));
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Loads busybox with this configuration as `evil`. */
async function load(config: object): Promise<void> {
  const diffId = `sha256:${createHash('sha256').update(layer).digest('hex')}`;
  const text = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config,
    rootfs: { type: 'layers', diff_ids: [diffId] },
  });
  const manifest = JSON.stringify([{ Config: 'c.json', RepoTags: ['evil:1'], Layers: ['l.tar'] }]);
  const archive = join(folder, 'evil.tar');
  await writeFile(
    archive,
    tarOf({ name: 'c.json', data: text }, { name: 'l.tar', data: layer }, { name: 'manifest.json', data: manifest }),
  );
  await ok('load', '-q', '-i', archive);
}

const ID = 'id -u; pwd; ls -d /etc/passwd';

/** The configuration, and what a container that prints its user and folder ends with. */
const CORPUS: readonly (readonly [object, RegExp])[] = [
  [{ User: '4294967296' }, /^12[5-7] [^]*must be in range 0-2147483647/],
  [{ User: '../../etc/shadow' }, /^12[5-7] /],
  [{ WorkingDir: '/proc/self/fd/3' }, /^(12[5-7] |0 0\n\/)/],
  [{ WorkingDir: '../../../..' }, /^(12[5-7] |0 0\n\/)/],
  [{ Volumes: { '../../../../gantry-evil-volume': {} } }, /^(12[5-7] |0 0\n\/)/],
  [{ Volumes: { '/': {} } }, /^12[5-7] /],
  [{ Volumes: { '/proc': {} } }, /^12[5-7] /],
  [{ StopSignal: 'SIGNOTHING' }, /^(12[5-7] |0 0\n\/)/],
  [{ ExposedPorts: { '99999/tcp': {}, x: {}, '80/evil': {} } }, /^(12[5-7] |0 0\n\/)/],
  [{ Env: ['=x', 'A', 'LD_PRELOAD=/evil.so', `B=${'b'.repeat(100_000)}`] }, /^(12[5-7] |0 0\n\/)/],
  [{ Env: [`B=${'b'.repeat(200_000)}`] }, /^12[5-7] /],
  [{ Healthcheck: { Test: ['WHAT'], Interval: -5, Retries: -1 } }, /^(12[5-7] |0 0\n\/)/],
  [{ Labels: { 'com.docker.compose.project': '../x', devices: '/dev/sda' } }, /^0 0\n\//],
  [{ OnBuild: ['RUN rm -rf /'], Shell: [] }, /^0 0\n\//],
];

describe('a container of an image', () => {
  it.each(CORPUS)('with %j', async (config, end) => {
    await load(config);
    const { status, stdout, stderr } = await docker('run', '--rm', '--net', 'none', 'evil:1', 'sh', '-c', ID);
    expect(`${status} ${stdout}${stderr}`).toMatch(end);
    await expect(stat('/gantry-evil-volume')).rejects.toThrow('ENOENT');
    expect((await callApi(engine.socket, '/_ping')).body).toBe('OK');
    await ok('container', 'prune', '-f');
    await ok('rmi', '-f', 'evil:1');
  });
});
