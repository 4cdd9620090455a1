// Which images are built and why, and what of `build:` reaches the engine.
import { describe, expect, it } from 'vitest';
import { planBuilds, withBuilds } from '../../../src/project/build/plan-builds.ts';
import { buildWork } from '../../../src/project/build/work.ts';
import type { Project } from '../../../src/compose/model/project.ts';
import { load } from '../../support/compose-files.ts';

const loadText = async (text: string): Promise<Project> => (await load(text, { projectName: 'p' })).project;

const FILE = `
services:
  web:
    build:
      context: ./w
      dockerfile: D
      args: {A: 1, B: }
      tags: [t:1, p-web]
      labels: [l=v]
      target: s
      network: host
      shm_size: 64m
      extra_hosts: {h: 10.0.0.1}
      cache_from: [c]
      no_cache: true
      ulimits: {nofile: 10}
      platforms: [linux/amd64]
  named: {image: own:1, build: {dockerfile_inline: "FROM a"}, pull_policy: build}
  plain: {image: busybox}
`;

describe('builds of a project', () => {
  it('are those whose images are missing, whose policy says so, or all when asked', async () => {
    const project = await loadText(FILE);
    const services = Object.values(project.services);
    const causes = (plan: ReturnType<typeof planBuilds>): unknown =>
      Object.fromEntries(plan.operations.map(({ id, cause }) => [id, cause]));
    expect(causes(planBuilds(project, { services, present: new Set() }))).toEqual({
      'build p-web': 'image "p-web" is not there',
      'build own:1': 'service "named" has the pull_policy build',
    });
    const there = new Set(['p-web', 'own:1']);
    expect(causes(planBuilds(project, { services, present: there }))).toEqual({
      'build own:1': 'service "named" has the pull_policy build',
    });
    expect(causes(planBuilds(project, { services, present: there, all: 'asked' }))).toEqual({
      'build p-web': 'asked',
      'build own:1': 'asked',
    });
  });

  it('come after those of services that they depend on, as their Dockerfiles may begin with what those build', async () => {
    const text = `services:
  app: {build: ./app, depends_on: [between]}
  between: {image: x, depends_on: [base]}
  base: {build: ./base, image: ours}
  twin: {build: ./base, image: ours, depends_on: [app]}
`;
    const project = await loadText(text);
    const services = Object.values(project.services);
    const plan = planBuilds(project, { services, present: new Set(), all: 'asked' });
    expect(plan.operations.map(({ id, needs }) => ({ id, needs }))).toEqual([
      { id: 'build ours', needs: [] },
      { id: 'build p-app', needs: ['build ours'] },
    ]);
    const only = services.filter(({ name }) => name === 'app');
    expect(planBuilds(project, { services: only, present: new Set() }).operations).toMatchObject([{ needs: [] }]);
  });

  it('come before the containers of their images', async () => {
    const project = await loadText(FILE);
    const builds = planBuilds(project, { services: Object.values(project.services), present: new Set() });
    const create = { kind: 'create', container: 'c', body: { Image: 'p-web' } } as const;
    const rest = { id: 'create c', action: create, cause: '', needs: [], service: 'web' };
    const { operations } = withBuilds(builds, { project: 'p', operations: [rest], notices: [] });
    expect(operations.find(({ id }) => id === 'create c')?.needs).toEqual(['build p-web']);
  });

  it('say all that the file says', async () => {
    const project = await loadText(FILE);
    const web = project.services['web'] ?? expect.fail('no web');
    const work = buildWork(project, web, { pull: true, args: { C: 'c' }, memory: 5 });
    expect(work).toMatchObject({ service: 'web', image: 'p-web', quiet: false });
    expect(work.context).toBe(`${project.working_dir}/w`);
    expect(work.dockerfile).toBe(`${project.working_dir}/w/D`);
    expect(work.options).toMatchObject({
      t: ['p-web', 't:1'],
      buildargs: { A: '1', C: 'c' },
      labels: {
        l: 'v',
        'com.docker.compose.project': 'p',
        'com.docker.compose.service': 'web',
        'com.docker.compose.image.builder': 'classic',
      },
      target: 's',
      networkmode: 'host',
      shmsize: 64 * 1024 * 1024,
      extrahosts: ['h:10.0.0.1'],
      cachefrom: ['c'],
      nocache: true,
      pull: true,
      platform: 'linux/amd64',
      memory: 5,
      ulimits: [{ Name: 'nofile', Soft: 10, Hard: 10 }],
    });
    const named = project.services['named'] ?? expect.fail('no named');
    expect(buildWork(project, named)).toMatchObject({ image: 'own:1', inline: 'FROM a' });
  });

  it.each([
    ['ssh: [default]', 'ssh'],
    ['additional_contexts: {a: ./b}', 'additional_contexts'],
    ['privileged: true', 'privileged'],
    ['entitlements: [x]', 'entitlements'],
    ['platforms: [linux/amd64, linux/arm64]', 'platforms (more than one)'],
  ])('refuses %s', async (text, name) => {
    const project = await loadText(`services: {a: {build: {context: ., ${text}}}}`);
    const service = project.services['a'] ?? expect.fail('no a');
    expect(() => buildWork(project, service)).toThrow(`service "a": build.${name} needs BuildKit`);
  });
});
