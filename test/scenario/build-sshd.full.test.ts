// The first users' sshd image: apt-get within a build, then a login through the published port.
import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProcess, type ProcessResult } from '../../src/base/process.ts';
import { debianBase } from '../support/debian-base.ts';
import { eventually } from '../support/eventually.ts';
import { Stage } from '../support/stage.ts';
import { GANTRY } from '../support/stage.ts';
import { WayOut } from '../support/way-out.ts';

const DOCKERFILE = `FROM debian-base:test
RUN apt-get update && apt-get install -y openssh-server
RUN mkdir -p /var/run/sshd
RUN echo 'root:screencast' | chpasswd
RUN sed -i 's/^#*PermitRootLogin.*/PermitRootLogin yes/' /etc/ssh/sshd_config
EXPOSE 22
CMD /usr/sbin/sshd -D
`;

describe('an sshd image', () => {
  let stage: Stage;
  let way: WayOut;

  beforeAll(async () => {
    stage = await Stage.create('sshd');
    const args = stage.host.enter(GANTRY, ['image', 'import', '-', 'debian-base:test']);
    const child = startProcess('nsenter', [...args], { stdio: ['pipe', 'ignore', 'inherit'], env: { ...stage.env } });
    if (child.stdin === null) throw new Error('no pipe to the import');
    createReadStream(await debianBase()).pipe(child.stdin);
    await once(child, 'exit');
    way = await WayOut.open(stage.host, join(stage.folder, 'way-out.sock'));
  }, 600_000);
  afterAll(async () => {
    await docker('rm', '-f', 'test_sshd');
    await way[Symbol.asyncDispose]();
    await stage[Symbol.asyncDispose]();
  });

  async function docker(...args: readonly string[]): Promise<ProcessResult> {
    const env = { ...stage.env, DOCKER_BUILDKIT: '0' };
    return await stage.host.run('docker', ['-H', `unix://${stage.socket}`, ...args], { cwd: stage.folder, env });
  }

  /** Logs in with the password and runs a command; ssh asks a program for it. */
  async function login(host: string, port: string): Promise<ProcessResult> {
    const ask = await stage.write('ask', '#!/bin/sh\necho screencast\n');
    const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'NumberOfPasswordPrompts=1'];
    const flags = options.flatMap((option) => ['-o', option]);
    await stage.host.check('chmod', ['+x', ask]);
    const env = { ...stage.env, SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: 'force' };
    return await stage.host.run('ssh', [...flags, '-p', port, `root@${host}`, 'hostname; id -u'], { env });
  }

  it('is built with packages from the release’s own archive', async () => {
    const context = join(stage.folder, 'context');
    await mkdir(context);
    await writeFile(join(context, 'Dockerfile'), DOCKERFILE);
    const bridge = (await docker('network', 'inspect', 'bridge', '-f', '{{(index .IPAM.Config 0).Gateway}}')).stdout;
    const proxy = `http_proxy=http://${bridge.trim()}:${way.port}`;
    const { stdout, stderr } = await docker('build', '-t', 'eg_sshd', '--build-arg', proxy, context);
    expect(stderr.replace(/^DEPRECATED[^]*?\n\n/, '')).not.toContain('returned a non-zero code');
    expect(stdout).toContain('Successfully tagged eg_sshd:latest');
    // the way out was the build's alone
    expect((await docker('history', '--no-trunc', 'eg_sshd')).stdout).not.toContain('http_proxy');
  }, 300_000);

  it('takes a login through its published port, on this host and by the gateway', async () => {
    const run = await docker('run', '-d', '-P', '--name', 'test_sshd', 'eg_sshd');
    expect(run.status).toBe(0);
    const published = (await docker('port', 'test_sshd', '22')).stdout;
    const port = /^0\.0\.0\.0:(\d+)$/m.exec(published)?.[1] ?? '';
    const id = run.stdout.slice(0, 12);
    const gateway = (
      await docker('inspect', '-f', '{{.NetworkSettings.Networks.bridge.Gateway}}', 'test_sshd')
    ).stdout.trim();
    for (const host of ['127.0.0.1', gateway]) {
      const said = await eventually(async () => {
        const { status, stdout } = await login(host, port);
        return status === 0 ? stdout : undefined;
      }, 50);
      expect(said).toBe(`${id}\n0\n`);
    }
  }, 120_000);
});
