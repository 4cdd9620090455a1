import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Database } from '../../../../src/engine/state/database.ts';
import { lockFolder } from '../../../../src/engine/state/lock.ts';
import { createSettings, currentBootId, engineId, noteBoot } from '../../../../src/engine/state/settings.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'state-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a script that uses the engine's modules in another process. */
function elsewhere(script: string): string {
  const url = new URL('../../../../src/engine/state/', import.meta.url).href;
  const code = `const { lockFolder } = await import('${url}lock.ts'); const { Database } = await import('${url}database.ts'); ${script}`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  return stdout + stderr;
}

test('a locked folder is refused to other processes, until the holder lets go', () => {
  const lock = lockFolder(folder);
  const attempt = `try { lockFolder('${folder}'); console.log('got it') } catch (error) { console.log(error.code) }`;
  expect(elsewhere(attempt)).toBe('engine/already-running\n');
  lock.release();
  expect(elsewhere(attempt)).toBe('got it\n');
});

test('the kernel drops the lock of a process that was killed', () => {
  elsewhere(`lockFolder('${folder}'); process.kill(process.pid, 'SIGKILL')`);
  expect(() => lockFolder(folder).release()).not.toThrow();
});

test('what was acknowledged survives kill -9', () => {
  elsewhere(`const db = new Database('${folder}');
    for (let i = 0; i < 100; i++) db.run('INSERT INTO settings VALUES (?, ?)', 'k' + i, 'v');
    process.kill(process.pid, 'SIGKILL')`);
  const db = new Database(folder);
  expect(db.get('SELECT count(*) AS n FROM settings')).toEqual({ n: 100 });
  db.close();
});

test('a transaction is all or nothing, and its error comes out', () => {
  const db = new Database(folder);
  const change = (): void => {
    db.run('INSERT INTO settings VALUES (?, ?)', 'a', '1');
    throw new Error('half way');
  };
  expect(() => db.transaction(change, true)).toThrow('half way');
  expect(db.all('SELECT * FROM settings')).toEqual([]);
  db.transaction(() => db.run('INSERT INTO settings VALUES (?, ?)', 'a', '1'), true);
  expect(db.all('SELECT key FROM settings')).toEqual([{ key: 'a' }]);
  db.close();
});

test('a database of a newer schema is refused', () => {
  elsewhere(`const { DatabaseSync } = await import('node:sqlite');
    new DatabaseSync('${join(folder, 'gantry.db')}').exec('PRAGMA user_version=999')`);
  expect(() => new Database(folder)).toThrow(/schema 999/);
});

test('a ballast of 4 MiB lies beside the database', () => {
  new Database(folder).close();
  expect(statSync(join(folder, 'ballast')).size).toBe(4 * 1024 * 1024);
});

test('the engine id is made once', () => {
  const db = new Database(folder);
  const id = engineId(createSettings(db));
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  expect(engineId(createSettings(db))).toBe(id);
  db.close();
});

test('a new boot is noticed once, and the first run is none', () => {
  const db = new Database(folder);
  const settings = createSettings(db);
  expect(noteBoot(settings, 'boot-1')).toBe(false);
  expect(noteBoot(settings, 'boot-1')).toBe(false);
  expect(noteBoot(settings, 'boot-2')).toBe(true);
  expect(noteBoot(settings, 'boot-2')).toBe(false);
  expect(currentBootId()).toMatch(/^[0-9a-f-]{36}$/);
  db.close();
});
