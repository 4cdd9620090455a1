// Files in and out of a project's containers: secrets and configs without a file, cp, diff, export, stats.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Stage } from '../support/stage.ts';

const CANARY = 'canary-5e1f';
const COMPOSE = `
services:
  app:
    image: busybox
    command: sh -c 'cat /run/secrets/token /etc/app.conf /motd; sleep 1000'
    stop_grace_period: 0s
    scale: 2
    secrets:
      - source: token
        uid: "12"
        gid: "34"
        mode: 0400
    configs:
      - { source: conf, target: /etc/app.conf }
      - motd
secrets:
  token: { environment: TOKEN }
configs:
  conf: { content: "level=\${LEVEL:-1}\\n" }
  motd: { environment: MOTD }
`;

let stage: Stage;
const p = ['-p', 'files'];
beforeAll(async () => {
  stage = await Stage.create('files');
  await stage.importBusybox();
  await stage.write('compose.yaml', COMPOSE);
});
afterAll(async () => {
  await stage.ok([...p, 'down', '-t', '0']);
  await stage[Symbol.asyncDispose]();
});

describe('secrets and configs that are no files', () => {
  it('are refused by name when their variable is not set', async () => {
    const { status, stderr } = await stage.gantry([...p, 'up', '-d']);
    expect(status).toBe(1);
    expect(stderr).toContain('environment variable "TOKEN" required by secret "token" is not set');
    expect(await stage.ok(['docker', 'ps', '-aq'])).toBe('');
  });

  it('are in the container when it starts, with owner and mode, and nowhere else', async () => {
    const env = { TOKEN: `${CANARY}\n`, MOTD: 'hello\n' };
    const up = await stage.gantry([...p, '--progress', 'plain', 'up', '-d'], { env });
    expect(up, up.stderr).toMatchObject({ status: 0 });
    expect(await stage.ok([...p, 'logs', '--no-log-prefix', 'app'])).toContain(`${CANARY}\nlevel=1\nhello\n`);
    const stat = ['exec', '-T', 'app', 'stat', '-c', '%a %u %g', '/run/secrets/token', '/etc/app.conf'];
    expect(await stage.ok([...p, ...stat])).toBe('400 12 34\n444 0 0\n');
    const plan = await stage.ok([...p, 'up', '--plan', '--force-recreate'], { env });
    const said = [
      up.stdout,
      up.stderr,
      plan,
      await stage.ok([...p, 'config'], { env }),
      await readFile(join(stage.folder, 'data', 'engine.log'), 'utf8'),
    ];
    for (const text of said) expect(text).not.toContain(CANARY);
  });
});
