// The machine's docker command against the engine, as people type it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';
import { requireTool } from '../support/require.ts';

const docker = requireTool('docker', 'Debian: docker.io or docker-cli');

describe.skipIf(docker === undefined)('the docker command', () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await TestEngine.start();
    await importBusybox(engine.socket);
  });
  afterAll(async () => engine[Symbol.asyncDispose]());

  /** Runs docker with a command line without quoting rules; it must succeed. */
  async function ok(line: string, input?: string): Promise<string> {
    const result = await engine.docker(line.split(' '), input);
    expect(result, line).toMatchObject({ status: 0 });
    return result.stdout.trim();
  }

  test('run --rm prints, passes stdin on and gives the exit status', async () => {
    expect(await ok('run --rm busybox echo hello')).toBe('hello');
    expect(await ok('run --rm -i busybox sort', 'b\na\n')).toBe('a\nb');
    expect(await engine.docker(['run', '--rm', 'busybox', 'sh', '-c', 'echo e >&2; exit 42'])).toMatchObject({
      status: 42,
      stdout: '',
      stderr: 'e\n',
    });
    expect(await ok('ps -aq')).toBe('');
  });

  test.each([
    [['run', '--rm', 'busybox', 'nonesuch'], 127, /executable file not found/],
    [['run', '--rm', 'busybox', '/etc'], 126, /permission denied|is a directory/],
    [['run', '--rm', 'nonesuch:1'], 125, /nonesuch/],
    [['rm', 'nonesuch'], 1, /No such container: nonesuch/],
    [['network', 'rm', 'nonesuch'], 1, /network nonesuch not found/],
    [['volume', 'rm', 'nonesuch'], 1, /no such volume/],
  ])('%j ends with %i', async (args, status, message) => {
    const result = await engine.docker(args);
    expect(result.status).toBe(status);
    expect(result.stderr).toMatch(message);
    expect(await ok('ps -aq')).toBe('');
  });

  test('a container from create to rm', async () => {
    const id = await ok('run -d --name life --label a=b busybox sleep 1000');
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(await ok('ps --format {{.Names}}:{{.Image}}:{{.Command}} --filter label=a=b')).toBe(
      'life:busybox:"sleep 1000"',
    );
    expect(await ok('exec life echo inside')).toBe('inside');
    expect(await ok('exec -i life cat', 'through')).toBe('through');
    expect((await engine.docker(['exec', 'life', 'false'])).status).toBe(1);
    expect(await ok('top life -o pid,args')).toContain('sleep 1000');
    expect(await ok('pause life')).toBe('life');
    expect(await ok('inspect -f {{.State.Status}} life')).toBe('paused');
    expect(await ok('unpause life')).toBe('life');
    expect(await ok('rename life other')).toBe('');
    expect(await ok('restart -t 0 other')).toBe('other');
    expect(await ok('inspect -f {{.State.Status}},{{.Name}} other')).toBe('running,/other');
    expect((await engine.docker(['rm', 'other'])).status).toBe(1);
    expect(await ok('kill other')).toBe('other');
    expect(await ok('wait other')).toBe('137');
    expect(await ok('rm other')).toBe('other');
  });

  test('a published port and names on a network', async () => {
    await ok('network create front');
    await ok('run -d --name www --network front --network-alias web -p 127.0.0.1:0:80 busybox httpd -f -p 80 -h /etc');
    const address = await ok('port www 80/tcp');
    const { stdout } = await engine.netns.run('curl', [
      '-s',
      '--retry',
      '20',
      '--retry-connrefused',
      '--retry-delay',
      '0',
      `http://${address}/hostname`,
    ]);
    expect(stdout.trim()).toBe(await ok('inspect -f {{.Config.Hostname}} www'));
    expect(await ok('run --rm --network front busybox wget -qO- http://web/hostname')).toBe(stdout.trim());
    expect((await engine.docker(['network', 'rm', 'front'])).stderr).toContain('has active endpoints');
    await ok('rm -f www');
    await ok('network rm front');
  });

  test('a container of the default network resolves names of a network it joins later', async () => {
    await ok('network create later');
    await ok('run -d --name known --network later busybox sleep 1000');
    await ok('run -d --name joiner busybox sleep 1000');
    expect(await ok('exec joiner cat /etc/resolv.conf')).not.toContain('127.0.0.11');
    await ok('network connect later joiner');
    expect(await ok('exec joiner cat /etc/resolv.conf')).toContain('nameserver 127.0.0.11');
    expect(await ok('exec joiner nslookup known')).toMatch(/Name:\s*known/);
    await ok('rm -f known joiner');
    await ok('network rm later');
  });

  test('a bind whose source cannot be made is refused at once', async () => {
    const result = await engine.docker(['run', '--rm', '-v', '/proc/nope/x:/x', 'busybox', 'true']);
    expect(result.stderr).toContain("error while creating mount source path '/proc/nope/x'");
  });

  test('volumes keep data, anonymous ones go with -v', async () => {
    await ok('run --rm -v kept:/data busybox sh -c echo>/data/file');
    expect(await ok('run --rm -v kept:/data busybox ls /data')).toBe('file');
    await ok('volume rm kept');
    await ok('run --rm -v /anonymous busybox true');
    expect(await ok('volume ls -q')).toBe('');
  });

  test('kill -9 of the daemon loses no container, no output and no exit code', async () => {
    await ok('run -d --name survivor busybox sleep 1000');
    const script = 'for i in $(seq 1 30); do echo line $i; sleep 0.1; done; exit 3';
    expect((await engine.docker(['run', '-d', '--name', 'writer', 'busybox', 'sh', '-c', script])).status).toBe(0);
    const before = await ok('inspect -f {{.State.StartedAt}} survivor');
    await engine.kill();
    await engine.restart();
    expect(await ok('inspect -f {{.State.StartedAt}} survivor')).toBe(before);
    expect(await ok('exec survivor echo alive')).toBe('alive');
    expect(await ok('wait writer')).toBe('3');
    expect((await ok('logs writer')).split('\n')).toEqual(
      Array.from({ length: 30 }, (_, index) => `line ${index + 1}`),
    );
    await ok('rm -f survivor writer');
  });

  test('info and events answer', async () => {
    expect(await ok('info --format {{.ServerVersion}}/{{.Driver}}/{{.Containers}}')).toMatch(
      /^\d+\.\d+\.\d+\/overlay2\/0$/,
    );
    expect(await ok('events --since 0 --until 1')).toBe('');
    expect(await ok('system info --format {{.Swarm.LocalNodeState}}')).toBe('inactive');
  });

  test('nothing is left when the last container has gone', async () => {
    // the default bridge goes a moment after its last container
    await expect.poll(async () => engine.leftovers(), { timeout: 8000 }).toEqual([]);
  }, 10_000);
});
