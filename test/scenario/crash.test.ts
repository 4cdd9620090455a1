// kill -9 of the daemon with a project up: nothing of the project may notice, and the next command finds it all.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { killDaemon } from '../support/kill-daemon.ts';
import { GANTRY, Stage } from '../support/stage.ts';

const COMPOSE = `
services:
  web:
    image: busybox
    command: ["sh", "-c", "mkdir /www; echo served >/www/index.html; httpd -p 80 -h /www; i=0; while :; do i=$$((i+1)); echo line $$i; sleep 0.05; done"]
    ports: ["8080:80"]
  client:
    image: busybox
    command: ["sleep", "1000"]
  short:
    image: busybox
    command: ["sh", "-c", "while [ ! -e /stop/now ]; do sleep 0.1; done; exit 3"]
    volumes: ["./stop:/stop"]
`;

interface PsRow {
  readonly Name: string;
  readonly ID: string;
  readonly State: string;
  readonly ExitCode: number;
}

describe('a killed daemon', () => {
  let stage: Stage;
  let startedBefore: string;

  beforeAll(async () => {
    stage = await Stage.create('crash');
    await stage.importBusybox();
    await stage.write('compose.yaml', COMPOSE);
    await stage.write('stop/.keep', '');
    await stage.ok(['-p', 'crash', 'up', '-d']);
    startedBefore = await startedAt();
    await killDaemon(stage);
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  async function startedAt(): Promise<string> {
    const { body } = await callApi(stage.socket, '/containers/crash-web-1/json');
    return (JSON.parse(body) as { State: { StartedAt: string } }).State.StartedAt;
  }

  it('leaves published ports and names working with no daemon at all', async () => {
    expect(
      await eventually(async () => stage.host.check('curl', ['-sf', '--max-time', '2', 'http://127.0.0.1:8080/'])),
    ).toBe('served\n');
    await stage.write('stop/now', '');
  });

  it('is followed by one that shows the same containers, start times and the exit that happened meanwhile', async () => {
    const rows = (await stage.ok(['-p', 'crash', 'ps', '-a', '--format', 'json']))
      .trim()
      .split('\n')
      .map((row) => JSON.parse(row) as PsRow);
    const web = rows.find((row) => row.Name === 'crash-web-1');
    expect(web?.State).toBe('running');
    expect(await startedAt()).toBe(startedBefore);
    const short = await eventually(async () => {
      const all = (await stage.ok(['-p', 'crash', 'ps', '-a', '--format', 'json']))
        .trim()
        .split('\n')
        .map((row) => JSON.parse(row) as PsRow);
      return all.find((row) => row.Name === 'crash-short-1' && row.State === 'exited');
    });
    expect(short.ExitCode).toBe(3);
  });

  it('resolves names', async () => {
    expect(await stage.ok(['-p', 'crash', 'exec', '-T', 'client', 'wget', '-q', '-O', '-', 'http://web/'])).toBe(
      'served\n',
    );
  });

  it('loses no line of the log', async () => {
    const lines = (await stage.ok(['-p', 'crash', 'logs', '--no-log-prefix', 'web'])).trim().split('\n');
    expect(lines.length).toBeGreaterThan(5);
    expect(lines).toEqual(lines.map((_, index) => `line ${index + 1}`));
  });

  it('is told of in one line by all that spoke with it', async () => {
    const lines = [
      'docker logs -f crash-web-1',
      '-p crash up web',
      '-p crash exec -T web sh -c "echo line; sleep 1000"',
    ];
    const running = lines.map(async (line, index) =>
      stage.host.run('bash', ['-c', `exec ${GANTRY} ${line} >${index}.out`], { cwd: stage.folder, env: stage.env }),
    );
    for (const index of lines.keys()) {
      const found = ['-q', 'line', join(stage.folder, `${index}.out`)];
      await eventually(async () => ((await stage.host.run('grep', found)).status === 0 ? true : undefined));
    }
    await killDaemon(stage);
    for (const { status, stderr } of await Promise.all(running)) {
      expect(status).toBe(1);
      expect(stderr).toMatch(
        /^gantry: (the connection to the engine was lost|the engine's event stream ended|cannot reach the engine .*)$/m,
      );
      expect(stderr).not.toMatch(/internal error|^ {4}at /m);
    }
  });

  it('takes everything down', async () => {
    await stage.ok(['-p', 'crash', 'down', '-v', '-t', '0']);
    expect(await stage.leftovers()).toEqual([]);
  });
});
