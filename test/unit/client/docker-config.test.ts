// docker's config.json and credential helpers, in real files and with a real helper program.
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  eraseCredentials,
  findCredentials,
  registryKey,
  registryOf,
  storeCredentials,
} from '../../../src/client/docker-config.ts';

let folder: string;
let env: Record<string, string>;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const config = async (value: object): Promise<void> => writeFile(join(folder, 'config.json'), JSON.stringify(value));
const kept = async (): Promise<unknown> => JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'config-'));
  env = { DOCKER_CONFIG: folder, PATH: `${folder}:/usr/bin:/bin` };
});

afterEach(async () => await rm(folder, { recursive: true, force: true }));

it.each([
  ['busybox', 'docker.io', 'https://index.docker.io/v1/'],
  ['me/x:1', 'docker.io', 'https://index.docker.io/v1/'],
  ['localhost/x', 'localhost', 'localhost'],
  ['quay.io/a/b@sha256:0', 'quay.io', 'quay.io'],
  ['10.0.0.1:5000/x:1', '10.0.0.1:5000', '10.0.0.1:5000'],
])('%s is of %s', (reference, host, key) => {
  expect(registryOf(reference)).toBe(host);
  expect(registryKey(host)).toBe(key);
});

it('finds what tools have written, under every spelling of a host', async () => {
  await config({
    auths: {
      'https://index.docker.io/v1/': { auth: base64('me:a:b') },
      'https://quay.io/v2/': { auth: base64('you:c') },
      'token.example': { auth: base64('it:'), identitytoken: 'T' },
      'empty.example': {},
    },
  });
  expect(await findCredentials(env, 'docker.io')).toMatchObject({ username: 'me', password: 'a:b' });
  expect(await findCredentials(env, 'quay.io')).toMatchObject({ username: 'you', password: 'c' });
  expect(await findCredentials(env, 'token.example')).toMatchObject({ identitytoken: 'T' });
  expect(await findCredentials(env, 'empty.example')).toBeUndefined();
  expect(await findCredentials(env, 'other.example')).toBeUndefined();
});

it('keeps credentials for the owner alone, and leaves the rest of the file as it is', async () => {
  await config({ psFormat: 'x', auths: { 'a.example': { auth: 'YTpi' } } });
  await storeCredentials(env, 'b.example', { username: 'me', password: 's' });
  expect(await kept()).toEqual({
    psFormat: 'x',
    auths: { 'a.example': { auth: 'YTpi' }, 'b.example': { auth: base64('me:s') } },
  });
  expect((await stat(join(folder, 'config.json'))).mode & 0o777).toBe(0o600);
  expect(await eraseCredentials(env, 'b.example')).toBe(true);
  expect(await eraseCredentials(env, 'b.example')).toBe(false);
  expect(await kept()).toEqual({ psFormat: 'x', auths: { 'a.example': { auth: 'YTpi' } } });
});

it('asks a helper, and gives it what is to be kept', async () => {
  const program = `#!/bin/sh
read -r host
case $1 in
get) case $host in
  known.example) echo '{"ServerURL":"x","Username":"h","Secret":"s"}';;
  token.example) echo '{"ServerURL":"x","Username":"<token>","Secret":"T"}';;
  broken.example) echo 'the keychain is locked'; exit 1;;
  *) echo 'credentials not found in native keychain'; exit 1;;
  esac;;
*) echo "$1 $host" >>${folder}/said;;
esac
`;
  await writeFile(join(folder, 'docker-credential-lab'), program, { mode: 0o755 });
  await config({ credHelpers: { 'other.example': 'none' }, credsStore: 'lab' });
  expect(await findCredentials(env, 'known.example')).toMatchObject({ username: 'h', password: 's' });
  expect(await findCredentials(env, 'token.example')).toMatchObject({ identitytoken: 'T' });
  expect(await findCredentials(env, 'unknown.example')).toBeUndefined();
  await expect(findCredentials(env, 'broken.example')).rejects.toThrow(
    'docker-credential-lab get failed: the keychain is locked',
  );
  await storeCredentials(env, 'known.example', { username: 'h', password: 's2' });
  expect(JSON.stringify(await kept())).not.toContain('s2');
  await eraseCredentials(env, 'known.example');
  expect(await readFile(join(folder, 'said'), 'utf8')).toBe(
    'store {"ServerURL":"known.example","Username":"h","Secret":"s2"}\nerase known.example\n',
  );
});

it('says which file is broken', async () => {
  await writeFile(join(folder, 'config.json'), '{');
  await expect(findCredentials(env, 'x')).rejects.toThrow(`${folder}/config.json is no JSON`);
});
