// Attributes that show over a container's life, or only in what a command refuses.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arch } from 'node:os';
import type { ProcessResult } from '../../src/base/process.ts';
import { eventsSince } from '../support/api.ts';
import { FileServer } from '../support/file-server.ts';
import { Stage } from '../support/stage.ts';

const LIFE = `
name: life
services:
  db: { image: busybox, command: sleep 100000, stop_grace_period: 0s }
  bound: { image: busybox, command: sleep 100000, stop_grace_period: 0s, depends_on: { db: { condition: service_started, restart: true } } }
  free: { image: busybox, command: sleep 100000, stop_grace_period: 0s, depends_on: [db] }
  polite: { image: busybox, stop_signal: SIGUSR1, command: sh -c "trap 'echo got it; exit 4' USR1; echo up; while :; do sleep 0.05; done" }
  stubborn: { image: busybox, stop_grace_period: 1s, command: sh -c "trap '' TERM; echo up; while :; do sleep 0.05; done" }
`;
const NOT_THERE = /manifest unknown|not found/;
const MINE = arch() === 'arm64' ? 'linux/arm64' : 'linux/amd64';

describe('attributes of a life', () => {
  let stage: Stage;
  /** A registry that has nothing. */
  let registry: FileServer;
  let here: string;

  beforeAll(async () => {
    stage = await Stage.create('lives');
    await stage.importBusybox();
    registry = await FileServer.start(stage.host, stage.folder);
    here = `127.0.0.1:${registry.port}/busybox:here`;
    await stage.ok(['docker', 'tag', 'busybox', here]);
    await stage.write('ctx/file', '');
    await stage.write('compose.yaml', LIFE);
    await stage.ok(['up', '-d']);
  });
  afterAll(async () => {
    await stage.gantry(['down', '-t', '0']);
    await registry[Symbol.asyncDispose]();
    await stage[Symbol.asyncDispose]();
  });

  const inspect = async (name: string, format: string): Promise<string> =>
    (await stage.ok(['docker', 'inspect', '-f', format, name])).trim();

  /** Runs a command on a file of one service. */
  async function one(yaml: string, ...args: readonly string[]): Promise<ProcessResult> {
    const file = await stage.write(
      'one.yaml',
      `name: one\nservices:\n  it: {command: sleep 100000, stop_grace_period: 0s, ${yaml}}\n`,
    );
    return await stage.gantry(['-f', file, ...args]);
  }

  it('depends_on restart: who says so is restarted with what it needs', async () => {
    const started = async (): Promise<readonly string[]> =>
      await Promise.all(['bound', 'free'].map(async (name) => await inspect(`life-${name}-1`, '{{.State.StartedAt}}')));
    const [bound, free] = await started();
    await stage.ok(['restart', 'db']);
    const [boundNow, freeNow] = await started();
    expect(boundNow).not.toBe(bound);
    expect(freeNow).toBe(free);
  });

  it('stop_signal and stop_grace_period: what is sent, and how long until it is killed', async () => {
    const since = Date.now() / 1000;
    await stage.ok(['stop', 'polite', 'stubborn']);
    expect(await inspect('life-polite-1', '{{.State.ExitCode}}')).toBe('4');
    expect(await stage.ok(['logs', '--no-log-prefix', 'polite'])).toBe('up\ngot it\n');
    expect(await inspect('life-stubborn-1', '{{.State.ExitCode}}')).toBe('137');
    const kills = (await eventsSince(stage.socket, since)).filter(
      ({ Action, Actor }) => Action === 'kill' && Actor.Attributes['name'] === 'life-stubborn-1',
    );
    expect(kills.map(({ Actor }) => Actor.Attributes['signal'])).toEqual(['15', '9']);
    const [asked = 0, killed = 0] = kills.map(({ timeNano }) => timeNano / 1e9);
    expect(killed - asked).toBeGreaterThan(0.9);
    // the default would be ten
    expect(killed - asked).toBeLessThan(8);
  });

  it('attach: false keeps a service out of what up shows', async () => {
    const said = (word: string): string => `image: busybox, command: echo ${word}`;
    await stage.write(
      'attach.yaml',
      `name: att\nservices:\n  a: {${said('shown')}}\n  b: {${said('hidden')}, attach: false}\n`,
    );
    const { stdout, stderr } = await stage.gantry(['-f', 'attach.yaml', 'up']);
    expect(stdout + stderr).toMatch(/a-1.*shown/);
    expect(stdout + stderr).not.toContain('hidden');
    expect(await stage.ok(['-f', 'attach.yaml', 'logs', '--no-log-prefix', 'b'])).toBe('hidden\n');
    await stage.ok(['-f', 'attach.yaml', 'down']);
  });

  it('pull_policy: missing, never, always and build', async () => {
    expect(await one(`image: "${here}", pull_policy: missing`, 'up', '-d')).toMatchObject({ status: 0 });
    const always = await one(`image: "${here}", pull_policy: always`, 'up', '-d');
    expect(always.status).not.toBe(0);
    expect(always.stderr).toMatch(NOT_THERE);
    const never = await one(`image: "${here}-not", pull_policy: never`, 'up', '-d');
    expect(never.stderr).toContain(`no such image: ${here}-not`);
    const build =
      'image: "own:1", pull_policy: build, build: { context: ./ctx, dockerfile_inline: "FROM busybox\\nRUN true" }';
    for (const _again of [1, 2]) expect((await one(build, 'up', '-d')).stderr).toContain('Image own:1  Built');
    await one(build, 'down');
  });

  it('platform: an image of another one is refused', async () => {
    expect(await one(`image: busybox, platform: ${MINE}`, 'up', '-d')).toMatchObject({ status: 0 });
    const other = await one('image: busybox, platform: linux/s390x', 'up', '-d');
    expect(other.stderr).toContain(
      `image with reference busybox was found but does not match the specified platform: wanted linux/s390x, actual: ${MINE}`,
    );
    await one('image: busybox', 'down');
  });

  it('build: no_cache, cache_from, pull and platforms', async () => {
    const build = async (more: string, image = 'busybox'): Promise<ProcessResult> =>
      await one(
        `image: "timed:1", build: { context: ./ctx, dockerfile_inline: "FROM ${image}\\nRUN date +%N >/when", ${more} }`,
        'build',
      );
    const hits = (result: ProcessResult): number => (result.stdout + result.stderr).split('Using cache').length - 1;
    expect(hits(await build('no_cache: false'))).toBe(0);
    expect(hits(await build('no_cache: false'))).toBe(2);
    expect(hits(await build('no_cache: true'))).toBe(0);
    await stage.ok(['docker', 'tag', 'timed:1', 'kept:1']);
    await stage.ok(['docker', 'builder', 'prune', '-af']);
    expect(hits(await build('cache_from: ["kept:1"]'))).toBe(2);
    const pulled = await build('pull: true', here);
    expect(pulled.stdout + pulled.stderr).toMatch(NOT_THERE);
    const other = await build('platforms: [linux/s390x]', here);
    expect(other.stdout + other.stderr).toMatch(NOT_THERE);
    expect(await build(`platforms: [${MINE}]`, here)).toMatchObject({ status: 0 });
  });

  it('external secrets and configs are refused', async () => {
    for (const kind of ['secrets', 'configs']) {
      const text = `name: one\nservices: { it: { image: busybox, ${kind}: [far] } }\n${kind}: { far: { external: true } }\n`;
      const refused = await stage.gantry(['-f', await stage.write('one.yaml', text), 'up', '-d']);
      expect(refused.status).not.toBe(0);
      expect(refused.stderr).toContain(`service "it": ${kind.slice(0, -1)} "far" is external`);
    }
  });
});
