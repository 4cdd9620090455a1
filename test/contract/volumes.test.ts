// The volumes area over a real database and real folders.
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TestAreas } from '../support/areas.ts';

const USER = { id: 'c'.repeat(64), running: false };

describe('volumes', () => {
  it('makes a named volume once, with a folder and a row', async () => {
    await using areas = await TestAreas.create();
    const made = await areas.volumes.create({ name: 'db-data', labels: { a: 'b' } });
    expect(made).toMatchObject({ Name: 'db-data', Driver: 'local', Labels: { a: 'b' }, Options: null, Scope: 'local' });
    expect((await stat(made.Mountpoint)).mode & 0o777).toBe(0o755);
    expect((await stat(join(areas.data, 'volumes'))).mode & 0o077).toBe(0);
    expect(await areas.volumes.create({ name: 'db-data', labels: { other: 'x' } })).toEqual(made);
    expect(areas.volumes.inspect('db-data')).toEqual(made);
    expect(areas.events).toEqual(['volume create db-data']);
  });

  it('names anonymous volumes itself and removes them with their container', async () => {
    await using areas = await TestAreas.create();
    const { name } = await areas.ensure('', {});
    const named = await areas.ensure('named', {});
    expect(name).toMatch(/^[0-9a-f]{64}$/);
    areas.users.set(name, [USER]);
    await areas.volumes.removeAnonymous(name);
    expect(areas.volumes.inspect(name).Labels).toEqual({ 'com.docker.volume.anonymous': '' });
    areas.users.clear();
    await areas.volumes.removeAnonymous(name);
    await areas.volumes.removeAnonymous(named.name);
    expect(areas.volumes.list(new Map()).map(({ Name }) => Name)).toEqual(['named']);
  });

  it.each([
    ['x', 'volume name is too short'],
    ['../etc', 'includes invalid characters for a local volume name'],
    ['a/b', 'includes invalid characters'],
    ['.hidden', 'includes invalid characters'],
    ['a'.repeat(256), 'includes invalid characters'],
  ])('refuses the name %j', async (name, message) => {
    await using areas = await TestAreas.create();
    await expect(areas.volumes.create({ name })).rejects.toThrow(message);
  });

  it('refuses drivers and options it does not have', async () => {
    await using areas = await TestAreas.create();
    const create = async (driverOpts: Record<string, string>): Promise<unknown> =>
      await areas.volumes.create({ name: 'vol', driverOpts });
    await expect(areas.volumes.create({ name: 'vol', driver: 'nfs' })).rejects.toThrow('plugin "nfs" not found');
    await expect(create({ colour: 'red' })).rejects.toThrow('create vol: invalid option: "colour"');
    await expect(create({ device: 'tmpfs' })).rejects.toThrow('missing required option: "type"');
    await expect(create({ type: 'nfs', o: 'addr=1.2.3.4' })).rejects.toThrow('missing required option: "device"');
    await expect(create({ o: 'size=1m' })).rejects.toThrow('missing required option: "device"');
    await expect(create({ type: 'none', o: 'bind,ro', device: '/x' })).rejects.toThrow('option "ro" is not supported');
    await expect(create({ type: 'none', o: 'bind', device: 'x/../y' })).rejects.toThrow('must be an absolute path');
    expect(areas.volumes.list(new Map())).toEqual([]);
  });

  it('mounts a folder of the host when it stands for one', async () => {
    await using areas = await TestAreas.create();
    const device = join(areas.data, 'elsewhere');
    const driverOpts = { type: 'none', o: 'bind', device };
    await expect(areas.ensure('host', { driverOpts })).rejects.toThrow('no such file or directory');
    await mkdir(device);
    expect((await areas.ensure('host', { driverOpts })).mountpoint).toBe(device);
    await writeFile(join(device, 'kept'), 'x');
    await areas.volumes.remove('host', { force: false });
    expect(await readdir(device)).toEqual(['kept']);
  });

  it('refuses to remove what is in use, and says what is absent', async () => {
    await using areas = await TestAreas.create();
    const { Mountpoint } = await areas.volumes.create({ name: 'data' });
    await writeFile(join(Mountpoint, 'file'), 'x');
    areas.users.set('data', [USER]);
    await expect(areas.volumes.remove('data', { force: true })).rejects.toThrow(
      `remove data: volume is in use - [${USER.id}]`,
    );
    await expect(areas.volumes.remove('absent', { force: false })).rejects.toThrow('get absent: no such volume');
    await areas.volumes.remove('absent', { force: true });
    areas.users.clear();
    await areas.volumes.remove('data', { force: false });
    expect(await readdir(join(areas.data, 'volumes'))).toEqual([]);
    expect(areas.events.at(-1)).toBe('volume destroy data');
  });

  it('removes no volume of a container that is being made', async () => {
    await using areas = await TestAreas.create();
    const hold = areas.volumes.hold();
    await hold.ensure('data', {});
    const { name } = await hold.ensure('', {});
    await expect(areas.volumes.remove('data', { force: false })).rejects.toThrow('volume is in use');
    expect((await areas.volumes.prune(new Map([['all', ['true']]]))).VolumesDeleted).toEqual([]);
    hold[Symbol.dispose]();
    expect((await areas.volumes.prune(new Map([['all', ['true']]]))).VolumesDeleted.sort()).toEqual(
      ['data', name].sort(),
    );
  });

  it('filters lists', async () => {
    await using areas = await TestAreas.create();
    await areas.volumes.create({ name: 'one-data', labels: { app: 'x' } });
    await areas.volumes.create({ name: 'two-data', labels: { app: 'y' } });
    areas.users.set('two-data', [USER]);
    const names = (name: string, value: string): string[] =>
      areas.volumes.list(new Map([[name, [value]]])).map(({ Name }) => Name);
    expect(names('name', 'one')).toEqual(['one-data']);
    expect(names('label', 'app=y')).toEqual(['two-data']);
    expect(names('label', 'app')).toEqual(['one-data', 'two-data']);
    expect(names('dangling', 'true')).toEqual(['one-data']);
    expect(names('driver', 'local')).toHaveLength(2);
    expect(names('driver', 'nfs')).toEqual([]);
    expect(() => names('dangling', 'perhaps')).toThrow("invalid filter 'dangling=[perhaps]'");
  });

  it('prunes anonymous volumes, or all unused ones', async () => {
    await using areas = await TestAreas.create();
    const { name, mountpoint } = await areas.ensure('', {});
    await writeFile(join(mountpoint, 'file'), '12345');
    await areas.volumes.create({ name: 'named' });
    await areas.volumes.create({ name: 'used' });
    areas.users.set('used', [USER]);
    expect(await areas.volumes.prune(new Map())).toEqual({ VolumesDeleted: [name], SpaceReclaimed: 5 });
    expect(await areas.volumes.prune(new Map([['all', ['true']]]))).toEqual({
      VolumesDeleted: ['named'],
      SpaceReclaimed: 0,
    });
  });

  it('finishes a removal that a crash cut short, and touches nothing else', async () => {
    await using areas = await TestAreas.create();
    const folder = join(areas.data, 'volumes');
    await areas.volumes.create({ name: 'going' });
    await areas.volumes.create({ name: 'kept' });
    await rename(join(folder, 'going'), join(folder, '.removing-0011223344556677'));
    await mkdir(join(folder, 'stranger'));
    await areas.reopen();
    await expect.poll(async () => (await readdir(folder)).sort()).toEqual(['kept', 'stranger']);
    expect(areas.volumes.list(new Map()).map(({ Name }) => Name)).toEqual(['kept']);
  });
});
