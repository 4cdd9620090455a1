// What changes a service's hash and what does not, and that it is docker compose's.
import { expect, it } from 'vitest';
import type { Service } from '../../../src/compose/model/service.ts';
import { serviceHash } from '../../../src/project/hash.ts';
import { needs, service } from '../../support/project.ts';

const base = serviceHash(service('a'));

it.each([
  ['scale', { scale: 3 }],
  ['build', { build: { context: '/x' } }],
  ['pull_policy', { pull_policy: 'always' }],
] satisfies readonly (readonly [string, Partial<Service>])[])('%s does not', (_name, more) => {
  expect(serviceHash(service('a', more))).toBe(base);
});

it.each([
  ['image', { image: 'other' }],
  ['environment', { environment: { A: '1' } }],
  ['labels', { labels: { a: 'b' } }],
  ['depends_on', { depends_on: { b: needs() } }],
  ['limits', { deploy: { replicas: 1, resources: { limits: { memory: 1 } } } }],
] satisfies readonly (readonly [string, Partial<Service>])[])('%s does', (_name, more) => {
  expect(serviceHash(service('a', more))).not.toBe(base);
});

it('replicas do not', () => {
  const of = (replicas: number): string => serviceHash(service('a', { deploy: { replicas } }));
  expect(of(1)).toBe(of(4));
});

it('the order of keys does not', () => {
  const one = serviceHash(service('a', { environment: { A: '1', B: '2' } }));
  expect(serviceHash(service('a', { environment: { B: '2', A: '1' } }))).toBe(one);
});

// recorded from docker compose 2.26.1: `config --hash`
it.each([
  ['5c61b552ff9ea462b22703c0a505a3b9454e26d3b3c0139b4904513fb5257f3d', { image: 'busybox:test' }],
  ['5c61b552ff9ea462b22703c0a505a3b9454e26d3b3c0139b4904513fb5257f3d', { image: 'busybox:test', scale: 3 }],
  [
    'e1823c2a26d8e973f63b25ddde4852611fbeafb14effe5c0561bde968613605d',
    {
      image: 'busybox:test',
      command: ['sh', '-c', 'echo hi; echo err >&2'],
      depends_on: { db: needs('service_started', true) },
      links: ['db:database'],
    },
  ],
  [
    'a7a253e6c4943cd43f340839021402274f0f5910706abce3388c055fdf3bc3dd',
    {
      image: 'busybox:test',
      command: ['httpd', '-f', '-p', '8080'],
      depends_on: { db: needs('service_healthy') },
      networks: { default: null, back: null },
      ports: [{ mode: 'ingress', target: 8080, published: '18080', protocol: 'tcp' }],
      init: true,
    },
  ],
] satisfies readonly (readonly [string, Partial<Service>])[])("is docker compose's %s", (hash, more) => {
  expect(serviceHash(service('a', more))).toBe(hash);
});
