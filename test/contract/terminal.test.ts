// The command line as a process on a terminal: live progress, exec with a terminal of its own, Ctrl-C.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { requireTool } from '../support/require.ts';
import { Stage } from '../support/stage.ts';

const GANTRY = fileURLToPath(new URL('../../bin/gantry', import.meta.url));
const script = requireTool('script', 'Debian: bsdutils');

describe.skipIf(script === undefined)('on a terminal', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.create('term');
    await stage.importBusybox();
    await stage.write(
      'compose.yaml',
      'services:\n  web:\n    image: busybox\n    command: ["sh", "-c", "trap \'echo bye; exit 0\' TERM; echo up; while :; do sleep 0.1; done"]\n',
    );
  });
  afterAll(async () => {
    await stage.ok(['-p', 'term', 'down', '-t', '0']);
    await stage[Symbol.asyncDispose]();
  });

  /** Runs a shell line on a terminal of 30 rows and 100 columns and gives what it showed. */
  async function onTerminal(line: string): Promise<string> {
    const { stdout } = await stage.host.run('script', ['-qec', `stty rows 30 cols 100; ${line}`, '/dev/null'], {
      cwd: stage.folder,
      env: stage.env,
    });
    // `script` sends an end of file of its own, which the terminal may echo
    return stdout.replaceAll('\r', '').replaceAll('^@', '');
  }

  it('up draws live lines and never clears the screen', async () => {
    const shown = await onTerminal(`${GANTRY} -p term --ansi always up -d`);
    expect(shown).toMatch(/✔.* Container term-web-1 .*Started/);
    expect(shown).toMatch(/\[\+\] Running 2\/2/);
    expect(shown).not.toMatch(/\u001b\[[23]J/);
    expect(shown.endsWith('\u001b[?25h')).toBe(true);
  });

  it('exec gives a terminal of the same size, and its exit code', async () => {
    const shown = await onTerminal(`${GANTRY} -p term exec web sh -c 'tty; stty size; exit 4'; echo code $?`);
    expect(shown).toMatch(/\/dev\/pts\/\d+\n30 100\ncode 4\n$/);
  });

  it.each(['-p term exec -T web sh -c "echo up; exec sleep 1000"', 'docker logs -f term-web-1'])(
    'a signal ends %s',
    async (verb) => {
      const line = `rm -f out; ${GANTRY} ${verb} >out & pid=$!
      until grep -qs up out; do sleep 0.02; done; kill -TERM $pid; wait $pid; echo code $?`;
      const { stdout } = await stage.host.run('bash', ['-c', line], { cwd: stage.folder, env: stage.env });
      expect(stdout).toBe('code 130\n');
    },
  );

  it('a folder that has been removed is no reason to fail', async () => {
    const line = `mkdir gone && cd gone && rmdir ../gone && ${GANTRY} -p term ps -q`;
    const got = await stage.host.run('bash', ['-c', line], { cwd: stage.folder, env: stage.env });
    expect(got).toMatchObject({ status: 0, stdout: expect.stringMatching(/^[0-9a-f]{64}\n$/) as unknown });
    expect(got.stderr).toContain('the working directory has been removed');
  });

  it('Ctrl-C stops an attached project gracefully', async () => {
    const wait = `until [ -e out ] && grep -q Attaching out; do sleep 0.05; done`;
    const line = `${GANTRY} -p term up >out 2>err & pid=$!; ${wait}; kill -INT $pid; wait $pid; echo code $?; cat out err`;
    const { stdout } = await stage.host.run('bash', ['-c', `set -m; ${line}`], { cwd: stage.folder, env: stage.env });
    expect(stdout).toMatch(/^code 130\n/);
    expect(stdout).toContain('web-1  | bye');
    expect(stdout).toContain('Gracefully stopping... (press Ctrl+C again to force)');
  });
});
