// What changes a service's hash and what does not.
import { expect, it } from 'vitest';
import type { Service } from '../../../src/compose/model/service.ts';
import { serviceHash } from '../../../src/project/hash.ts';
import { needs, service } from '../../support/project.ts';

const base = serviceHash(service('a'));

it.each([
  ['scale', { scale: 3 }],
  ['depends_on', { depends_on: { b: needs() } }],
  ['profiles', { profiles: ['x'] }],
  ['pull_policy', { pull_policy: 'always' }],
  ['replicas', { deploy: { replicas: 4 } }],
] satisfies readonly (readonly [string, Partial<Service>])[])('%s does not', (_name, more) => {
  expect(serviceHash(service('a', more))).toBe(base);
});

it.each([
  ['image', { image: 'other' }],
  ['environment', { environment: { A: '1' } }],
  ['labels', { labels: { a: 'b' } }],
  ['limits', { deploy: { replicas: 1, resources: { limits: { memory: 1 } } } }],
] satisfies readonly (readonly [string, Partial<Service>])[])('%s does', (_name, more) => {
  expect(serviceHash(service('a', more))).not.toBe(base);
});

it('the order of keys does not', () => {
  expect(serviceHash(service('a', { environment: { A: '1', B: '2' } }))).toBe(
    serviceHash(service('a', { environment: { B: '2', A: '1' } })),
  );
});
