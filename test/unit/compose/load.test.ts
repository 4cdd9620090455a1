// From files to a project: selection, profiles, files of variables, what is implied.
import { describe, expect, it } from 'vitest';
import { load, refusal } from '../../support/compose-files.ts';

const SHOP = `
services:
  web: {image: w, depends_on: [api], networks: [front]}
  api: {image: a, links: [db], networks: [front, back], volumes: ["data:/d"]}
  db: {image: d, networks: [back]}
  tool: {image: t, profiles: [tools, dev]}
  other: {image: o, secrets: [key]}
networks: {front: , back: , unused: }
volumes: {data: , old: }
secrets: {key: {environment: KEY}}
`;

describe('loadProject', () => {
  it('keeps named services and what they need, and drops unused resources', async () => {
    const { project } = await load(SHOP, { services: ['api'] });
    expect(Object.keys(project.services)).toEqual(['api', 'db']);
    expect(Object.keys(project.disabled_services)).toEqual(['other', 'tool', 'web']);
    expect(Object.keys(project.networks)).toEqual(['back', 'front']);
    expect(Object.keys(project.volumes)).toEqual(['data']);
    expect(project.secrets).toEqual({});
  });

  it('keeps every resource when asked', async () => {
    const { project } = await load(SHOP, { resources: 'all' });
    expect(Object.keys(project.networks)).toEqual(['back', 'default', 'front', 'unused']);
    expect(Object.keys(project.volumes)).toEqual(['data', 'old']);
  });

  it.each<[string, string[] | undefined, Record<string, string>, boolean]>([
    ['none', undefined, {}, false],
    ['by flag', ['tools'], {}, true],
    ['all', ['*'], {}, true],
    ['by variable', undefined, { COMPOSE_PROFILES: 'x, dev' }, true],
    ['the flag replaces the variable', ['x'], { COMPOSE_PROFILES: 'dev' }, false],
  ])('profiles: %s', async (_, profiles, env, on) => {
    const { project } = await load(SHOP, { ...(profiles && { profiles }), env });
    expect('tool' in project.services).toBe(on);
  });

  it('switches the profiles of a named service on', async () => {
    const { project } = await load(SHOP, { services: ['tool'] });
    expect(Object.keys(project.services)).toEqual(['tool']);
    expect(project.profiles).toEqual(['tools', 'dev']);
  });

  it('refuses a service that does not exist', async () => {
    expect(await refusal(SHOP, { services: ['wbe'] })).toMatchObject({
      code: 'compose/unknown-service',
      hint: 'did you mean "web"?',
    });
  });

  it('never holds the value of a secret', async () => {
    const { project } = await load(SHOP, { env: { KEY: 'hidden' } });
    expect(project.secrets).toEqual({ key: { name: 'shop_key', environment: 'KEY' } });
  });

  it('merges env_file below environment, later files first', async () => {
    const { project } = await load(
      {
        'compose.yaml': 'services: {a: {image: x, env_file: [a.env, b.env], environment: {C: own, D: , E: }}}\n',
        'a.env': 'A=a\nB=a\nC=a\n',
        'b.env': 'B=b-$A\n',
      },
      { env: { D: 'project' } },
    );
    expect(project.services['a']?.environment).toEqual({ A: 'a', B: 'b-a', C: 'own', D: 'project', E: null });
  });

  it('reads env_file only for services that are kept', async () => {
    const text = 'services:\n  a: {image: x, env_file: nope.env}\n  b: {image: x}\n';
    expect(Object.keys((await load(text, { services: ['b'] })).project.services)).toEqual(['b']);
    expect((await refusal(text)).message).toContain('nope.env does not exist');
  });

  it('implies dependencies', async () => {
    const { project } = await load(`
services:
  a: {image: x, links: ["b:alias"], volumes_from: [c, "container:z"], ipc: "service:d", depends_on: {b: {condition: service_healthy}}}
  b: {image: x}
  c: {image: x}
  d: {image: x}
`);
    expect(project.services['a']?.depends_on).toEqual({
      b: { condition: 'service_healthy', required: true },
      c: { condition: 'service_started', required: true },
      d: { condition: 'service_started', restart: true, required: true },
    });
  });

  it('reads standard input', async () => {
    const readStdin = (): Promise<string> => Promise.resolve('services: {a: {image: x}}\n');
    const { project } = await load({ x: '' }, { files: ['-'], readStdin });
    expect(project).toMatchObject({ compose_files: ['-'], working_dir: '/shop' });
  });

  it('can leave phases out', async () => {
    const text = 'services: {a: {image: "x:${T}", build: ./d, environment: [HOME]}}\n';
    const { project } = await load(text, {
      interpolate: false,
      normalize: false,
      resolvePaths: false,
      resolveEnvironment: false,
      env: { HOME: '/h' },
    });
    expect(project.services['a']).toEqual({
      name: 'a',
      image: 'x:${T}',
      build: { context: './d' },
      environment: { HOME: null },
    });
    expect(project.networks).toEqual({});
  });

  it('stops when it is told to', async () => {
    await expect(load(SHOP, { signal: AbortSignal.abort() })).rejects.toThrow('abort');
  });

  it('gives values their types', async () => {
    const { project } = await load(`
services:
  a:
    image: x
    mem_limit: 64m
    cpus: "0.5"
    stop_grace_period: 90s
    tty: "true"
    ulimits: {nofile: {soft: "1", hard: 2}, nproc: 3}
    secrets: [{source: s, mode: 0440}, {source: t, mode: "0400"}]
    scale: \${N:-3}
    labels: {n: 1.0}
secrets: {s: {file: ./s}, t: {file: ./t}}
`);
    expect(project.services['a']).toMatchObject({
      mem_limit: 67108864,
      cpus: 0.5,
      stop_grace_period: '1m30s',
      tty: true,
      ulimits: { nofile: { soft: 1, hard: 2 }, nproc: 3 },
      secrets: [{ mode: 0o440 }, { mode: 0o400 }],
      scale: 3,
      labels: { n: '1' },
    });
  });
});
