// Create bodies: each attribute of the model where the API has it.
import { describe, expect, it } from 'vitest';
import type { CreateContainerBody } from '../../../src/api/containers.ts';
import type { Project } from '../../../src/compose/model/project.ts';
import type { Service } from '../../../src/compose/model/service.ts';
import { containerBody } from '../../../src/project/desired/container.ts';
import { injectedFiles, type InjectedFile } from '../../../src/project/desired/injected-files.ts';
import { networkBody, volumeBody } from '../../../src/project/desired/resources.ts';
import { needs, project, service } from '../../support/project.ts';

function bodyOf(
  more: Partial<Service>,
  others: readonly Service[] = [],
  of: Partial<Project> = {},
): CreateContainerBody {
  const at = service('web', more);
  return containerBody(project([at, ...others], of), at, {
    number: 1,
    hash: 'h',
    imageId: 'sha256:i',
    kept: new Map(),
  });
}

describe('config', () => {
  const rows: readonly (readonly [string, Partial<Service>, Partial<CreateContainerBody>])[] = [
    ['command', { command: ['a', 'b'] }, { Cmd: ['a', 'b'] }],
    ["no command keeps the image's", {}, { Cmd: null, Entrypoint: null }],
    ["an empty entrypoint clears the image's", { entrypoint: [] }, { Entrypoint: [''] }],
    ['environment, null unsets', { environment: { A: '1', B: null } }, { Env: ['A=1', 'B'] }],
    ['user and folder', { user: '1:2', working_dir: '/w' }, { User: '1:2', WorkingDir: '/w' }],
    [
      'stop signal and time',
      { stop_signal: 'SIGINT', stop_grace_period: '1m30s' },
      { StopSignal: 'SIGINT', StopTimeout: 90 },
    ],
    ['terminal', { tty: true, stdin_open: true }, { Tty: true, OpenStdin: true }],
    [
      'exposed ports',
      { expose: ['80', '3000-3001/udp'] },
      { ExposedPorts: { '80/tcp': {}, '3000/udp': {}, '3001/udp': {} } },
    ],
    [
      'health',
      { healthcheck: { test: ['CMD', 'true'], interval: '1s', start_period: '500ms', retries: 2 } },
      {
        Healthcheck: {
          Test: ['CMD', 'true'],
          Interval: 1e9,
          Timeout: 0,
          StartPeriod: 5e8,
          StartInterval: 0,
          Retries: 2,
        },
      },
    ],
    ['no health', { healthcheck: { disable: true } }, { Healthcheck: { Test: ['NONE'] } }],
  ];
  it.each(rows)('%s', (_title, more, expected) => {
    expect(bodyOf(more)).toMatchObject(expected);
  });
});

describe('host', () => {
  const rows: readonly (readonly [string, Partial<Service>, object])[] = [
    [
      'ports',
      { ports: [{ target: 80, published: '8080', host_ip: '127.0.0.1' }, { target: 80 }] },
      {
        PortBindings: {
          '80/tcp': [
            { HostIp: '127.0.0.1', HostPort: '8080' },
            { HostIp: '', HostPort: '' },
          ],
        },
      },
    ],
    ['restart', { restart: 'on-failure:3' }, { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } }],
    [
      'deploy wins over restart',
      { restart: 'no', deploy: { restart_policy: { condition: 'any' } } },
      { RestartPolicy: { Name: 'always', MaximumRetryCount: 0 } },
    ],
    [
      'restarts that are counted',
      { deploy: { restart_policy: { max_attempts: 2 } } },
      { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 2 } },
    ],
    [
      'no restarts, which are not counted',
      { deploy: { restart_policy: { condition: 'none', max_attempts: 2 } } },
      { RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
    ],
    [
      'security options',
      { security_opt: ['seccomp:unconfined', 'seccomp:./a.json', 'label=disable', 'systempaths=unconfined'] },
      { SecurityOpt: ['seccomp:unconfined', 'seccomp=/p/a.json', 'label=disable'], MaskedPaths: [], ReadonlyPaths: [] },
    ],
    ['limits', { mem_limit: 1024, cpus: 0.5, pids_limit: 9 }, { Memory: 1024, NanoCpus: 5e8, PidsLimit: 9 }],
    [
      'deploy limits win',
      { mem_limit: 1, deploy: { resources: { limits: { memory: 2, cpus: 2 } } } },
      { Memory: 2, NanoCpus: 2e9 },
    ],
    [
      'ulimits',
      { ulimits: { nofile: 5, core: { soft: 1, hard: 2 } } },
      {
        Ulimits: [
          { Name: 'nofile', Soft: 5, Hard: 5 },
          { Name: 'core', Soft: 1, Hard: 2 },
        ],
      },
    ],
    ['extra hosts', { extra_hosts: { a: ['1.2.3.4', '::1'] } }, { ExtraHosts: ['a:1.2.3.4', 'a:::1'] }],
    ['tmpfs', { tmpfs: ['/t:size=1m', '/u'] }, { Tmpfs: { '/t': 'size=1m', '/u': '' } }],
    [
      'a bind that may be made',
      { volumes: [{ type: 'bind', source: '/s', target: '/t', read_only: true, bind: { create_host_path: true } }] },
      { Binds: ['/s:/t:ro'] },
    ],
    [
      'a bind that must exist',
      { volumes: [{ type: 'bind', source: '/s', target: '/t' }] },
      { Mounts: [{ Type: 'bind', Source: '/s', Target: '/t' }] },
    ],
    [
      "a named volume by the engine's name",
      { volumes: [{ type: 'volume', source: 'data', target: '/d' }] },
      { Mounts: [{ Type: 'volume', Source: 'p_data', Target: '/d' }] },
    ],
    ['init is only sent when said', { init: false }, { Init: false }],
  ];
  it.each(rows)('%s', (_title, more, expected) => {
    expect(bodyOf(more, [], { volumes: { data: { name: 'p_data' } } }).HostConfig).toMatchObject(expected);
  });

  it('says nothing of init by default', () => {
    expect(bodyOf({}).HostConfig).not.toHaveProperty('Init');
  });
});

describe('networks', () => {
  it('has container, service and further names as aliases, and the first network as mode', () => {
    const body = bodyOf(
      { networks: { back: { aliases: ['b'] }, front: { priority: 10, ipv4_address: '10.0.0.5' } } },
      [],
      {
        networks: { back: { name: 'p_back' }, front: { name: 'p_front' } },
      },
    );
    expect(body.HostConfig?.NetworkMode).toBe('p_front');
    expect(body.NetworkingConfig?.EndpointsConfig).toMatchObject({
      p_back: { Aliases: ['p-web-1', 'web', 'b'], IPAMConfig: null },
      p_front: { IPAMConfig: { IPv4Address: '10.0.0.5' } },
    });
  });

  it('links give the alias and the two usual names', () => {
    const body = bodyOf({ links: ['db:database'], depends_on: { db: needs() } }, [service('db')]);
    const links = ['p-db-1:database', 'p-db-1:db-1', 'p-db-1:p-db-1'];
    expect(body.HostConfig?.Links).toBeNull();
    expect(body.NetworkingConfig?.EndpointsConfig?.['p_default']?.Links).toEqual(links);
  });

  it('links of a container on the default bridge are its own', () => {
    const body = bodyOf({ networks: {}, network_mode: 'bridge', links: ['db'] }, [service('db')]);
    expect(body.HostConfig?.Links).toContain('p-db-1:db');
  });

  it('a namespace of a service is that of its first container', () => {
    const body = bodyOf({ network_mode: 'service:db', pid: 'service:db', volumes_from: ['db:ro'] }, [
      service('db', { container_name: 'base' }),
    ]);
    expect(body.HostConfig).toMatchObject({
      NetworkMode: 'container:base',
      PidMode: 'container:base',
      VolumesFrom: ['base:ro'],
    });
    expect(body.NetworkingConfig).toBeNull();
  });
});

it('has docker compose labels', () => {
  expect(
    bodyOf({ labels: { own: 'x' }, depends_on: { db: needs('service_healthy', true) } }, [service('db')]).Labels,
  ).toEqual({
    own: 'x',
    'com.docker.compose.config-hash': 'h',
    'com.docker.compose.container-number': '1',
    'com.docker.compose.depends_on': 'db:service_healthy:true',
    'com.docker.compose.image': 'sha256:i',
    'com.docker.compose.oneoff': 'False',
    'com.docker.compose.project': 'p',
    'com.docker.compose.project.config_files': '/p/compose.yaml',
    'com.docker.compose.project.working_dir': '/p',
    'com.docker.compose.service': 'web',
    'com.docker.compose.version': '2.26.1',
  });
});

it('networks and volumes carry key, project and options', () => {
  const of = project([]);
  expect(
    networkBody(of, 'back', { name: 'p_back', internal: true, ipam: { config: [{ subnet: '10.1.0.0/24' }] } }),
  ).toMatchObject({
    Name: 'p_back',
    Driver: 'bridge',
    Internal: true,
    IPAM: { Driver: 'default', Config: [{ Subnet: '10.1.0.0/24' }] },
    Labels: { 'com.docker.compose.network': 'back', 'com.docker.compose.project': 'p' },
  });
  expect(volumeBody(of, 'data', { name: 'p_data', labels: { a: 'b' } })).toMatchObject({
    Name: 'p_data',
    Labels: { a: 'b', 'com.docker.compose.volume': 'data' },
  });
});

describe('secrets and configs that are no files', () => {
  const filesOf = (reference: object, object: object, more: Partial<Service> = {}): readonly InjectedFile[] => {
    const service = { name: 'web', secrets: [{ source: 's', ...reference }], ...more } as Service;
    const secrets = { s: { name: 's', ...object } };
    return injectedFiles({ secrets, configs: {}, environment: { X: 'value' } } as unknown as Project, service);
  };

  it('are put by target, owner and mode, and never show their contents', () => {
    const files = filesOf({ target: 'in/t', uid: '7', gid: '8', mode: 0o400 }, { environment: 'X' });
    expect(files).toMatchObject([{ target: '/run/secrets/in/t', uid: 7, gid: 8, mode: 0o400 }]);
    expect(files[0]?.content()).toBe('value');
    expect(JSON.stringify(files)).not.toContain('value');
    expect(filesOf({}, { content: 'c' })).toMatchObject([{ target: '/run/secrets/s', uid: 0, gid: 0, mode: 0o444 }]);
    expect(filesOf({}, { file: '/f' })).toEqual([]);
  });

  it.each([
    [{}, { environment: 'ABSENT' }, {}, /environment variable "ABSENT" required by secret "s" is not set/],
    [{}, { external: true }, {}, /secret "s" is external/],
    [{ uid: 'root' }, { environment: 'X' }, {}, /"root" is no number/],
    [{}, { environment: 'X' }, { read_only: true }, /root is read-only/],
  ])('%o %o is refused', (reference, object, more, message) => {
    expect(() => filesOf(reference, object, more)).toThrow(message);
  });
});
