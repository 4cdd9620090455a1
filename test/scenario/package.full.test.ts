// The tarball of `npm pack`, installed into an empty prefix where neither a compiler nor a Node ≥ 24 is on PATH.
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { Stage } from '../support/stage.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What a minimal user's machine has; no gcc, make or node. */
const TOOLS = [
  'sh',
  'env',
  'uname',
  'readlink',
  'dirname',
  'basename',
  'stat',
  'sha256sum',
  'cut',
  'cat',
  'mkdir',
  'rm',
  'mv',
  'sed',
  'iptables',
  'iptables-save',
  'iptables-restore',
  'iptables-nft',
  'iptables-nft-save',
  'iptables-nft-restore',
  'iptables-legacy',
  'iptables-legacy-save',
  'iptables-legacy-restore',
  'ip6tables',
  'ip6tables-save',
  'ip6tables-restore',
];

describe('the packed tarball', () => {
  let stage: Stage;
  let prefix: string;

  beforeAll(async () => {
    stage = await Stage.create('pack');
    prefix = await mkdtemp(join(tmpdir(), 'gantry-prefix-'));
    await runChecked('npm', ['pack', '--pack-destination', prefix], { cwd: ROOT });
    const tarball = (await readdir(prefix)).find((name) => name.endsWith('.tgz')) ?? '';
    await runChecked('npm', ['install', '--omit=dev', '--prefix', prefix, join(prefix, tarball)], { cwd: prefix });
    await linkTools(join(prefix, 'tools'));
    // a system Node that is too old: it is asked for its version and nothing else
    await writeFile(join(prefix, 'tools', 'node'), '#!/bin/sh\necho v20.20.2\n', { mode: 0o755 });
    await stage.importBusybox(join(prefix, 'node_modules', '.bin', 'gantry'));
  }, 300_000);
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await rm(prefix, { recursive: true, force: true });
  });

  async function linkTools(folder: string): Promise<void> {
    await mkdir(folder);
    for (const tool of TOOLS) {
      const path = (await runChecked('sh', ['-c', `command -v ${tool} || true`])).trim();
      if (path !== '') await symlink(path, join(folder, tool));
    }
  }

  it('does up, ps and down', async () => {
    await stage.write('compose.yaml', 'services:\n  a:\n    image: busybox\n    command: sleep 100\n');
    const gantry = join(prefix, 'node_modules', '.bin', 'gantry');
    const run = async (...args: string[]): Promise<string> =>
      stage.host.check('env', [`PATH=${join(prefix, 'tools')}`, gantry, '-p', 'pack', ...args], {
        cwd: stage.folder,
        env: stage.env,
      });
    await run('up', '-d');
    expect(await run('ps')).toMatch(/pack-a-1/);
    await run('down', '-t', '0');
    expect(await stage.leftovers()).toEqual([]);
  }, 120_000);
});
