import { expect, test } from 'vitest';
import { Container } from '../../../../src/engine/containers/container.ts';
import type { Containers } from '../../../../src/engine/containers/context.ts';
import { labelMatches, selectContainers } from '../../../../src/engine/containers/list-filters.ts';
import { sampleRecord } from './samples.ts';

const one = new Container(
  sampleRecord({
    id: '1'.repeat(64),
    name: 'web-1',
    created: '2026-01-01T00:00:02Z',
    state: { status: 'running' },
    networks: { front: { networkId: 'f00d', config: {}, endpointId: '' } },
    ports: [{ hostIp: '0.0.0.0', hostPort: 8080, proto: 'tcp', containerPort: 80 }],
    config: { Image: 'web', Labels: { app: 'x', tier: 'front' }, ExposedPorts: { '80/tcp': {} } },
  }),
);
const two = new Container(
  sampleRecord({
    id: '2'.repeat(64),
    name: 'db',
    created: '2026-01-01T00:00:01Z',
    state: { status: 'exited', exitCode: 3 },
    config: { Image: 'db', Labels: { app: 'x' } },
  }),
);
const all = [one, two];

/** The little of the area that filters look at. */
const containers = {
  store: { all: () => all, find: (reference: string) => all.find(({ record }) => record.name === reference) },
  images: { resolve: () => ({ id: one.record.imageId, config: {}, layers: [] }) },
} as unknown as Containers;

const names = (filters: Record<string, string[]>): string[] =>
  selectContainers(containers, new Map(Object.entries(filters))).map(({ record }) => record.name);

test.each([
  [{}, ['web-1', 'db']],
  [{ name: ['web'] }, ['web-1']],
  [{ name: ['^/db$'] }, ['db']],
  [{ name: ['^b$'] }, []],
  [{ name: ['('] }, []],
  [{ label: ['app'] }, ['web-1', 'db']],
  [{ label: ['app=x', 'tier'] }, ['web-1']],
  [{ label: ['tier=back'] }, []],
  [{ status: ['exited', 'running'] }, ['web-1', 'db']],
  [{ status: ['paused'] }, []],
  [{ exited: ['3'] }, ['db']],
  [{ exited: ['0'] }, []],
  [{ id: ['22'] }, ['db']],
  [{ network: ['front'] }, ['web-1']],
  [{ network: ['f00d'] }, ['web-1']],
  [{ publish: ['8000-8090/tcp'] }, ['web-1']],
  [{ publish: ['8080/udp'] }, []],
  [{ expose: ['80'] }, ['web-1']],
  [{ before: ['web-1'] }, ['db']],
  [{ since: ['db'] }, ['web-1']],
  [{ name: ['web'], status: ['exited'] }, []],
])('%j selects %j', (filters, expected) => expect(names(filters as Record<string, string[]>)).toEqual(expected));

test('a status that is none is refused', () => {
  expect(() => names({ status: ['bogus'] })).toThrow("invalid filter 'status=bogus'");
});

test('labels with and without a value', () => {
  expect(labelMatches({ a: '' }, 'a')).toBe(true);
  expect(labelMatches({ a: 'b=c' }, 'a=b=c')).toBe(true);
  expect(labelMatches({}, 'a')).toBe(false);
});
