// Docker's own command line against gantry's engine, as people use it.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessResult } from '../../src/base/process.ts';
import { Stage } from '../support/stage.ts';
import { requireTool } from '../support/require.ts';

const docker = requireTool('docker', 'Debian: docker.io or docker-cli');

describe.skipIf(docker === undefined)('the docker command', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.create('dcli');
    await stage.importBusybox();
    await stage.write(
      'compose.yaml',
      'services:\n  web:\n    image: busybox\n    command: ["sh", "-c", "echo from web; exec sleep 1000"]\n    ports: ["9090:80"]\n',
    );
    await stage.ok(['-p', 'dcli', 'up', '-d']);
  });
  afterAll(async () => {
    await stage.ok(['-p', 'dcli', 'down', '-t', '0']);
    await stage[Symbol.asyncDispose]();
  });

  async function run(...args: string[]): Promise<ProcessResult> {
    return stage.host.run('docker', ['-H', `unix://${stage.socket}`, ...args], { cwd: stage.folder });
  }

  /** Runs docker on a terminal (util-linux `script` makes one) and gives what the terminal showed. */
  async function onTerminal(command: string, input: string): Promise<string> {
    const line = `stty rows 30 cols 100; docker -H unix://${stage.socket} ${command}`;
    const { stdout } = await stage.host.run('script', ['-qec', line, '/dev/null'], { cwd: stage.folder, input });
    return stdout.replaceAll(/\r|\0|\^@/g, '');
  }

  it('ps lists the project with its port', async () => {
    const { stdout, status } = await run('ps', '--format', '{{.Names}} {{.Image}} {{.Ports}}');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^dcli-web-1 busybox 0\.0\.0\.0:9090->80\/tcp/m);
  });

  it('logs gives what the service wrote', async () => {
    expect((await run('logs', 'dcli-web-1')).stdout).toBe('from web\n');
  });

  it('exec gives output, status and a terminal', async () => {
    expect((await run('exec', 'dcli-web-1', 'echo', 'hi')).stdout).toBe('hi\n');
    expect((await run('exec', 'dcli-web-1', 'sh', '-c', 'exit 9')).status).toBe(9);
    expect(await onTerminal('exec -it dcli-web-1 sh -c "tty; stty size"', '')).toMatch(/^\/dev\/pts\/\d+\n30 100\n$/);
  });

  it('run --rm -it runs, shows and removes', async () => {
    expect(await onTerminal('run --rm -it --name once busybox sh -c "tty && echo done"', '')).toMatch(
      /\/dev\/pts\/\d+\ndone\n/,
    );
    expect((await run('ps', '-aq', '--filter', 'name=once')).stdout).toBe('');
  });

  it('run passes output, stdin and status', async () => {
    expect((await run('run', '--rm', 'busybox', 'echo', 'hello world')).stdout).toBe('hello world\n');
    const piped = await stage.host.run(
      'docker',
      ['-H', `unix://${stage.socket}`, 'run', '--rm', '-i', 'busybox', 'cat'],
      { input: 'through\n' },
    );
    expect(piped.stdout).toBe('through\n');
    expect((await run('run', '--rm', 'busybox', 'sh', '-c', 'exit 5')).status).toBe(5);
  });

  it.each([
    { command: ['/nope'], status: 127 },
    { command: ['/etc/passwd'], status: 126 },
  ])('run of $command exits $status', async ({ command, status }) => {
    expect((await run('run', '--rm', 'busybox', ...command)).status).toBe(status);
  });

  it('run --rm of a big output loses nothing', async () => {
    const { stdout } = await run('run', '--rm', 'busybox', 'sh', '-c', 'seq 1 50000');
    expect(stdout.trimEnd().split('\n').length).toBe(50_000);
  });

  it('inspect, port, stop, start and rm work', async () => {
    expect((await run('port', 'dcli-web-1', '80')).stdout).toMatch(/^0\.0\.0\.0:9090$/m);
    const id = (await run('run', '-d', '--name', 'aside', 'busybox', 'sleep', '100')).stdout.trim();
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect((await run('inspect', '-f', '{{.State.Status}} {{.Name}}', 'aside')).stdout).toBe('running /aside\n');
    expect((await run('stop', '-t', '0', 'aside')).status).toBe(0);
    expect((await run('inspect', '-f', '{{.State.ExitCode}}', 'aside')).stdout).toBe('137\n');
    expect((await run('start', 'aside')).status).toBe(0);
    expect((await run('rm', 'aside')).status).toBe(1);
    expect((await run('rm', '-f', 'aside')).status).toBe(0);
  });

  it('info and version say who answers', async () => {
    expect((await run('version', '--format', '{{.Server.APIVersion}}')).stdout).toMatch(/^1\.\d+\n$/);
    expect((await run('info', '--format', '{{.OSType}} {{.Containers}}')).stdout).toBe('linux 1\n');
  });
});
