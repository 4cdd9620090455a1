// Flags of `docker run` as the body of a create call, and the keys that detach.
import { describe, expect, it } from 'vitest';
import { Command } from '../../../src/cli/args/command.ts';
import { parseWords } from '../../../src/cli/args/parse.ts';
import { createBody } from '../../../src/cli/container/body.ts';
import { defineContainerFlags, type ContainerFlags } from '../../../src/cli/container/flags.ts';
import { detachScanner } from '../../../src/cli/detach-keys.ts';

async function body(line: string): Promise<unknown> {
  const program = new Command('gantry');
  defineContainerFlags(program.command('run').argument('<image>').argument('[command...]').passThroughOptions());
  const { flags, words } = parseWords(program, ['run', ...line.split(' '), 'img', '-x', 'y']);
  const [image = '', ...command] = words;
  const attach = { stdin: true, stdout: true, stderr: true };
  return await createBody({
    image,
    command,
    flags: (flags.at(-1) ?? {}) as ContainerFlags,
    attach,
    env: { E: '1' },
    cwd: '/w',
  });
}

describe('createBody', () => {
  it.each([
    ['-it', { Tty: true, OpenStdin: true, StdinOnce: true, Image: 'img', Cmd: ['-x', 'y'] }],
    ['-e E -e A=b -e GONE', { Env: ['E=1', 'A=b'] }],
    ['-l a=b=c -l d', { Labels: { a: 'b=c', d: '' } }],
    ['-p8080:80 -p [::1]:53:53/udp', { ExposedPorts: { '80/tcp': {}, '53/udp': {} } }],
    ['-p 1.2.3.4::80-81', { HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '1.2.3.4', HostPort: '' }] } } }],
    ['-p 8000-8001:80-81', { HostConfig: { PortBindings: { '81/tcp': [{ HostIp: '', HostPort: '8001' }] } } }],
    ['-v ./a:/b:ro -v vol:/c -v /anon', { Volumes: { '/anon': {} }, HostConfig: { Binds: ['/w/a:/b:ro', 'vol:/c'] } }],
    [
      '--mount type=bind,src=./a,dst=/b,readonly --mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1770',
      {
        HostConfig: {
          Mounts: [
            { Type: 'bind', Source: '/w/a', Target: '/b', ReadOnly: true },
            { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1_048_576, Mode: 0o1770 } },
          ],
        },
      },
    ],
    ['-m 1.5g --memory-swap -1 --cpus .5', { HostConfig: { Memory: 1_610_612_736, MemorySwap: -1, NanoCpus: 5e8 } }],
    ['--restart on-failure:3', { HostConfig: { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } } }],
    ['--network name=n,alias=a,ip=10.0.0.9', { HostConfig: { NetworkMode: 'n' } }],
    ['--network n --ip 10.0.0.9 --link c:d', { NetworkingConfig: { EndpointsConfig: { n: { Links: ['c:d'] } } } }],
    ['--health-cmd x --health-interval 1m30s', { Healthcheck: { Test: ['CMD-SHELL', 'x'], Interval: 90e9 } }],
    ['--no-healthcheck --init=false', { Healthcheck: { Test: ['NONE'] }, HostConfig: { Init: false } }],
    [
      '--device /dev/a:/dev/b:r --ulimit nofile=1:2',
      { HostConfig: { Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }] } },
    ],
  ])('%s', async (line, part) => {
    expect(await body(line)).toMatchObject(part);
  });

  it.each([
    ['-p 80:x', 'invalid publish opts format'],
    ['-p 1-2:80-82', 'invalid ranges specified for container and host Ports'],
    ['-p 80/icmp', 'invalid proto: icmp'],
    ['-m 1x', "invalid size: '1x'"],
    ['--mount type=bind,dst=/b', 'source is required'],
    ['--mount type=bind,src=/a,dst=/b,foo=1', "unexpected key 'foo'"],
    ['--ulimit nofile=3:2', 'soft limit must be less than or equal to hard limit'],
    ['--rm --restart always', 'cannot specify both --restart and --rm'],
    ['--device /dev/a:/b:q', 'bad mode specified: q'],
    ['--isolation hyperv', '--isolation cannot be used: it is for Windows'],
    ['--network foo=bar', 'invalid field foo'],
  ])('%s is refused', async (line, message) => {
    await expect(body(line)).rejects.toThrow(message);
  });
});

describe('detach keys', () => {
  it('are found over any cut, and not where something only begins like them', () => {
    const scan = detachScanner('');
    expect(scan(Buffer.from('a\u0010'))).toBe(false);
    expect(scan(Buffer.from('b\u0010'))).toBe(false);
    expect(scan(Buffer.from('\u0011c'))).toBe(true);
  });
  it('may be others', () => {
    expect(detachScanner('ctrl-x,q')(Buffer.from('\u0018q'))).toBe(true);
    expect(() => detachScanner('ctrl-%')).toThrow("Unknown character: 'ctrl-%'");
  });
});
