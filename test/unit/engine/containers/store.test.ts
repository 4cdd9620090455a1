import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { claimName, randomName } from '../../../../src/engine/containers/names.ts';
import { ContainerStore } from '../../../../src/engine/containers/store.ts';
import { usageOf } from '../../../../src/engine/containers/usage.ts';
import { Database } from '../../../../src/engine/state/database.ts';
import { sampleRecord } from './samples.ts';

let folder = '';
let db: Database;
let store: ContainerStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'store-'));
  db = new Database(folder);
  store = new ContainerStore(db);
});
afterEach(() => {
  db.close();
  rmSync(folder, { recursive: true, force: true });
});

const id = (digit: string): string => digit.repeat(64);

test('containers are found by id, name, slashed name and unique prefix', () => {
  const one = store.add(sampleRecord({ id: `a1${'0'.repeat(62)}`, name: 'one' }));
  store.add(sampleRecord({ id: `a2${'0'.repeat(62)}`, name: 'two' }));
  for (const reference of [one.id, 'one', '/one', 'a1', 'a100000']) expect(store.find(reference)).toBe(one);
  expect(() => store.find('a')).toThrow('Multiple IDs found with provided prefix: a');
  expect(() => store.find('three')).toThrow('No such container: three');
});

test('a name wins over a prefix of an id', () => {
  store.add(sampleRecord({ id: id('b'), name: 'one' }));
  const named = store.add(sampleRecord({ id: id('c'), name: 'bb' }));
  expect(store.find('bb')).toBe(named);
});

test('what was committed is there after a restart, under its last name', () => {
  const container = store.add(sampleRecord({ name: 'before' }));
  store.rename(container, 'after');
  container.setState({ status: 'exited', exitCode: 7 });
  store.save(container);
  const again = new ContainerStore(db);
  expect(again.find('after').record.state).toMatchObject({ status: 'exited', exitCode: 7 });
  expect(again.idOfName('before')).toBeUndefined();
  store.remove(container);
  expect(new ContainerStore(db).all()).toEqual([]);
});

test('the newest comes first', () => {
  for (const [digit, second] of [
    ['1', '1'],
    ['2', '3'],
    ['3', '2'],
  ] as const) {
    store.add(sampleRecord({ id: id(digit), name: `n${digit}`, created: `2026-01-01T00:00:0${second}Z` }));
  }
  expect(store.all().map(({ record }) => record.name)).toEqual(['n2', 'n3', 'n1']);
});

test('names: Docker rules, and whose it is when it is taken', () => {
  store.add(sampleRecord({ name: 'taken' }));
  expect(claimName(store, '/free.name-1')).toBe('free.name-1');
  for (const bad of ['x', '-ab', 'a b', '../ab', 'ab;'])
    expect(() => claimName(store, bad)).toThrow('Invalid container name');
  expect(() => claimName(store, 'taken')).toThrow(
    `Conflict. The container name "/taken" is already in use by container "${sampleRecord().id}". You have to remove (or rename) that container to be able to reuse that name.`,
  );
  expect(randomName(store)).toMatch(/^[a-z]+_[a-z]+\d+$/);
});

test('commands for one container wait for each other', async () => {
  const container = store.add(sampleRecord());
  const order: string[] = [];
  const gate = Promise.withResolvers<undefined>();
  const first = store.own(container, async () => {
    await gate.promise;
    order.push('first');
  });
  const second = store.own(container, async () => Promise.resolve(order.push('second')));
  gate.resolve(undefined);
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
});

test('who uses an image, a volume, a network', () => {
  const mount = {
    Type: 'volume',
    Name: 'data',
    Source: '/',
    Destination: '/d',
    Mode: '',
    RW: true,
    Propagation: '',
    anonymous: false,
    copyUp: true,
    recursive: true,
    readonlyRecursive: true,
    options: '',
  } as const;
  const record = sampleRecord({ mounts: [mount], networks: { net: { networkId: 'n1', config: {}, endpointId: '' } } });
  store.add(record);
  const usage = usageOf(store);
  expect(usage.containersOfImage(record.imageId, { runningOnly: false })).toEqual([record.id]);
  expect(usage.containersOfImage(record.imageId, { runningOnly: true })).toEqual([]);
  expect(usage.containersOfVolume('data')).toEqual([record.id]);
  expect(usage.containersOfNetwork('n1')).toEqual([{ id: record.id, name: 'box', running: false }]);
});
