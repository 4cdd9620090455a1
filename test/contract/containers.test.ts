// Containers through the API: what they are confined to, how they start, fail and end.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importBusybox } from '../support/busybox-image.ts';
import { dockerFor } from '../support/docker.ts';
import { TestEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { eventsSince } from '../support/api.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
});
afterAll(async () => engine[Symbol.asyncDispose]());

const { docker, ok, inspect } = dockerFor(() => engine);

/** What a shell line prints in a container without a network. */
async function inside(flags: readonly string[], line: string): Promise<string> {
  return await ok('run', '--rm', '--network', 'none', ...flags, 'busybox', 'sh', '-c', line);
}

test.each([
  [[], 'grep CapEff /proc/self/status | cut -f2', '00000000a80425fb'],
  [['--cap-drop', 'ALL'], 'grep CapBnd /proc/self/status | cut -f2', '0000000000000000'],
  [['--cap-drop', 'ALL', '--cap-add', 'chown'], 'grep CapPrm /proc/self/status | cut -f2', '0000000000000001'],
  [[], 'grep -E "^(CapInh|CapAmb)" /proc/self/status | cut -f2 | sort -u', '0000000000000000'],
  [[], 'grep Seccomp: /proc/self/status | cut -f2', '2'],
  [['--security-opt', 'seccomp=unconfined'], 'grep Seccomp: /proc/self/status | cut -f2', '0'],
  [['--security-opt', 'no-new-privileges'], 'grep NoNewPrivs /proc/self/status | cut -f2', '1'],
  [['--ulimit', 'nofile=100:200'], 'ulimit -n; ulimit -Hn', '100\n200'],
  [['-u', 'app'], 'id -u; id -g', '1000\n1000'],
  [['-u', '7:8'], 'id', 'uid=7 gid=8 groups=8'],
  [['--group-add', '44'], 'id -G', '0 44'],
  [['-w', '/made/here'], 'pwd', '/made/here'],
  [['--hostname', 'me', '--domainname', 'example'], 'hostname; cat /etc/hostname', 'me\nme'],
  [['-e', 'A=1', '-e', 'PATH=/bin'], 'echo $A $PATH $HOME', '1 /bin /root'],
  [['--oom-score-adj', '300'], 'cat /proc/self/oom_score_adj', '300'],
  [['--shm-size', '2m'], 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2', '2048'],
  [['--tmpfs', '/t:size=1m,mode=700'], 'stat -c %a /t; df -k /t | tail -1 | tr -s " " | cut -d" " -f2', '700\n1024'],
  [['--sysctl', 'net.ipv4.ip_forward=1'], 'cat /proc/sys/net/ipv4/ip_forward', '1'],
  [['--add-host', 'far:1.2.3.4'], 'grep far /etc/hosts', '1.2.3.4\tfar'],
  [['--dns', '9.9.9.9'], 'grep nameserver /etc/resolv.conf', 'nameserver 9.9.9.9'],
  [['--device', '/dev/null:/dev/nix'], 'stat -c %t:%T /dev/nix', '1:3'],
  [['--init'], 'echo $$', '2'],
])('%j: %s', async (flags, line, expected) => expect(await inside(flags, line)).toBe(expected));

test.each([
  [[], 'touch /proc/sys/kernel/core_pattern'],
  [[], 'echo x > /sys/fs/cgroup/x'],
  [[], 'cat /proc/kcore | head -c 1 | grep .'],
  [[], 'mknod /tmp/disk b 254 0 && head -c 1 /tmp/disk'],
  [[], 'mount -t tmpfs x /mnt'],
  [[], 'unshare -m true'],
  [['--read-only'], 'touch /file'],
  [['-u', '1000'], 'touch /etc/file'],
])('%j cannot %s', async (flags, line) => {
  const result = await docker('run', '--rm', '--network', 'none', ...flags, 'busybox', 'sh', '-c', line);
  expect(result.status).not.toBe(0);
});

test('limits are those of the cgroup', async () => {
  await ok(
    'run',
    '-d',
    '--name',
    'bound',
    '-m',
    '64m',
    '--cpus',
    '0.5',
    '--pids-limit',
    '20',
    'busybox',
    'sleep',
    '1000',
  );
  const { State } = await inspect('bound');
  const groups = await readFile(`/proc/${State.Pid}/cgroup`, 'utf8');
  expect(groups).toMatch(/:memory:\/gantry-[0-9a-f]{6}\/[0-9a-f]{12}$|^0::\/gantry-[0-9a-f]{6}\/[0-9a-f]{12}$/m);
  const forks = await docker('exec', 'bound', 'sh', '-c', 'for i in $(seq 40); do sleep 5 & done');
  expect(forks.stderr).toMatch(/fork/);
  expect(await ok('update', '-m', '128m', '--memory-swap', '256m', 'bound')).toBe('bound');
  expect((await inspect('bound')).HostConfig.Memory).toBe(128 * 1024 * 1024);
  await ok('rm', '-f', 'bound');
});

test('what needs more memory than it may have is killed, and says so', async () => {
  const hungry = 'x=a; while true; do x=$x$x; done';
  expect(
    (await docker('run', '--name', 'hungry', '-m', '16m', '--memory-swap', '16m', 'busybox', 'sh', '-c', hungry))
      .status,
  ).toBe(137);
  expect((await inspect('hungry')).State).toMatchObject({ OOMKilled: true, ExitCode: 137, Status: 'exited' });
  await ok('rm', 'hungry');
});

test.each([
  [['busybox', 'nonesuch'], 127, 127, 'executable file not found in $PATH'],
  [['busybox', '/none/such'], 127, 127, 'no such file or directory'],
  [['busybox', '/etc/passwd'], 126, 126, 'permission denied'],
  [
    ['-u', 'nobody-here', 'busybox', 'true'],
    125,
    128,
    'unable to find user nobody-here: no matching entries in passwd file',
  ],
  [['-u', '4294967296', 'busybox', 'true'], 125, 128, 'uids and gids must be in range 0-2147483647'],
  [['--network', 'none-such', 'busybox', 'true'], 125, 128, 'network none-such not found'],
  [
    ['-v', '/dev/null:/etc', 'busybox', 'true'],
    125,
    127,
    'Are you trying to mount a directory onto a file (or vice-versa)?',
  ],
])('%j fails and leaves a created container', async (args, status, exitCode, words) => {
  const result = await docker('run', '--name', 'failing', ...args);
  expect(result.status).toBe(status);
  expect(result.stderr).toContain(words);
  expect((await inspect('failing')).State).toMatchObject({
    Status: 'created',
    StartedAt: '0001-01-01T00:00:00Z',
    ExitCode: exitCode,
    Running: false,
    Pid: 0,
  });
  await ok('rm', 'failing');
});

test('an exec that cannot run says so in its stream and ends like a shell', async () => {
  await ok('run', '-d', '--name', 'base', '--network', 'none', 'busybox', 'sleep', '1000');
  const absent = await docker('exec', 'base', 'nonesuch');
  expect(absent.status).toBe(127);
  expect(absent.stdout).toContain('exec: "nonesuch": executable file not found in $PATH');
  expect((await docker('exec', 'base', '/etc/passwd')).status).toBe(126);
  expect((await docker('exec', '-u', 'nobody-here', 'base', 'true')).stdout).toContain(
    'unable to find user nobody-here',
  );
  expect((await docker('exec', '-w', '/etc/passwd', 'base', 'true')).status).toBe(126);
  expect((await docker('exec', 'base', 'sh', '-c', 'kill -9 $$')).status).toBe(137);
  expect(await ok('exec', '-e', 'A=1', '-w', '/tmp', '-u', 'app', 'base', 'sh', '-c', 'echo $A $PWD $(id -u)')).toBe(
    '1 /tmp 1000',
  );
  expect((await inspect('base')).ExecIDs).toBeNull();
  await ok('rm', '-f', 'base');
  expect((await docker('exec', 'base', 'true')).stderr).toContain('No such container: base');
});

test('a taken port fails the start and gives everything back', async () => {
  await ok('run', '-d', '--name', 'first', '-p', '18080:80', 'busybox', 'sleep', '1000');
  const second = await docker('run', '--name', 'second', '-p', '18080:80', 'busybox', 'true');
  expect(second.stderr).toContain('port is already allocated');
  expect((await inspect('second')).State).toMatchObject({ Status: 'created', ExitCode: 128 });
  await ok('rm', '-f', 'first');
  expect(await ok('start', '-a', 'second')).toBe('');
  await ok('rm', 'second');
});

test('a resolv.conf that was edited inside stays as it is, another follows the host', async () => {
  await ok(
    'create',
    '--name',
    'edits',
    '--network',
    'none',
    'busybox',
    'sh',
    '-c',
    'echo "nameserver 1.1.1.1" >> /etc/resolv.conf',
  );
  await ok('start', '-a', 'edits');
  await ok('start', '-a', 'edits');
  const text = await readFile((await inspect('edits')).ResolvConfPath, 'utf8');
  expect(text.match(/1\.1\.1\.1/g)).toHaveLength(2);
  await ok('rm', 'edits');
});

test('--rm takes its anonymous volume along, and wait gets the exit code', async () => {
  await ok('run', '-d', '--rm', '--name', 'short', '-v', '/data', 'busybox', 'sh', '-c', 'sleep 0.3; exit 9');
  expect(await ok('wait', 'short')).toBe('9');
  await eventually(async () => ((await ok('ps', '-aq', '--filter', 'name=short')) === '' ? true : undefined));
  expect(await ok('volume', 'ls', '-q')).toBe('');
});

test('a restart does not take a container with --rm for gone', async () => {
  const id = await ok('run', '-d', '--rm', '--name', 'again', '--network', 'none', 'busybox', 'sleep', '1000');
  await ok('restart', '-t', '0', 'again');
  expect((await inspect('again')).Id).toBe(id);
  await ok('stop', '-t', '0', 'again');
  await eventually(async () => ((await ok('ps', '-aq', '--filter', 'name=again')) === '' ? true : undefined));
});

test('containers share namespaces of others', async () => {
  await ok(
    'run',
    '-d',
    '--name',
    'host',
    '--ipc',
    'shareable',
    'busybox',
    'sh',
    '-c',
    'echo s > /dev/shm/s; sleep 1000',
  );
  const address = await ok('exec', 'host', 'hostname', '-i');
  expect(await ok('run', '--rm', '--network', 'container:host', 'busybox', 'hostname', '-i')).toBe(address);
  expect(await ok('run', '--rm', '--pid', 'container:host', 'busybox', 'cat', '/proc/1/cmdline')).toContain(
    'sleep 1000'.replace(' ', '\0'),
  );
  expect(await ok('run', '--rm', '--ipc', 'container:host', 'busybox', 'cat', '/dev/shm/s')).toBe('s');
  await ok('rm', '-f', 'host');
  const gone = await docker('run', '--rm', '--pid', 'container:host', 'busybox', 'true');
  expect(gone.stderr).toContain('No such container: host');
});

test('links find their target again when it comes back with another address', async () => {
  await ok('network', 'create', 'links');
  await ok('run', '-d', '--name', 'db', '--network', 'links', 'busybox', 'sleep', '1000');
  await ok('run', '-d', '--name', 'app', '--network', 'links', '--link', 'db:database', 'busybox', 'sleep', '1000');
  const before = await ok('exec', 'app', 'ping', '-c1', '-W1', 'database');
  await ok('stop', '-t', '0', 'db');
  await ok('run', '-d', '--name', 'thief', '--network', 'links', 'busybox', 'sleep', '1000');
  await ok('start', 'db');
  const after = await eventually(async () => {
    const result = await docker('exec', 'app', 'ping', '-c1', '-W1', 'database');
    return result.status === 0 ? result.stdout : undefined;
  });
  expect(after.split('\n')[0]).not.toBe(before.split('\n')[0]);
  await ok('rm', '-f', 'app', 'db', 'thief');
  await ok('network', 'rm', 'links');
});

test('a container joins and leaves networks while it runs', async () => {
  await ok('network', 'create', 'side');
  await ok('run', '-d', '--name', 'walker', 'busybox', 'sleep', '1000');
  await ok('run', '-d', '--name', 'peer', '--network', 'side', 'busybox', 'sleep', '1000');
  await ok('network', 'connect', '--alias', 'visitor', 'side', 'walker');
  expect(await ok('exec', 'peer', 'ping', '-c1', '-W1', 'visitor')).toContain('1 packets received');
  expect(Object.keys((await inspect('walker')).NetworkSettings.Networks)).toEqual(['bridge', 'side']);
  expect(await ok('exec', 'walker', 'cat', '/etc/hosts')).toContain(
    (await inspect('walker')).NetworkSettings.Networks['side']?.IPAddress ?? 'none',
  );
  await ok('network', 'disconnect', 'side', 'walker');
  expect((await docker('exec', 'peer', 'ping', '-c1', '-W1', 'visitor')).status).not.toBe(0);
  await ok('rm', '-f', 'walker', 'peer');
  await ok('network', 'rm', 'side');
});

test('logs: from a time on, with times, one stream, the end of a long log', async () => {
  await ok('run', '--name', 'teller', 'busybox', 'sh', '-c', 'seq 2000; echo err >&2; sleep 0.01; printf tail');
  expect((await docker('logs', '--tail', '2', 'teller')).stdout).toMatch(/tail$/);
  expect((await ok('logs', 'teller')).split('\n')).toHaveLength(2001);
  expect((await docker('logs', 'teller')).stderr).toBe('err\n');
  expect(await ok('logs', '-t', '--tail', '1', 'teller')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z tail$/);
  const { FinishedAt } = (await inspect('teller')).State;
  expect(await ok('logs', '--since', FinishedAt, 'teller')).toBe('');
  expect((await ok('logs', '--until', FinishedAt, 'teller')).split('\n')).toHaveLength(2001);
  await ok('rm', 'teller');
});

test('a log is rotated by its options and read as one', async () => {
  const options = ['--log-opt', 'max-size=4k', '--log-opt', 'max-file=3'];
  await ok('run', '--name', 'rotated', ...options, 'busybox', 'sh', '-c', 'for i in $(seq 400); do echo line $i; done');
  const lines = (await ok('logs', 'rotated')).split('\n');
  expect(lines.at(-1)).toBe('line 400');
  expect(lines.length).toBeLessThan(400);
  const first = Number(lines[0]?.split(' ')[1]);
  expect(lines).toEqual(Array.from({ length: 401 - first }, (_, index) => `line ${first + index}`));
  await ok('rm', 'rotated');
});

test('events of stop, kill, restart and rm -f come in the order of Docker', async () => {
  const since = Date.now() / 1000;
  await ok('run', '-d', '--name', 'seen', '--stop-signal', 'KILL', 'busybox', 'sleep', '1000');
  await ok('stop', 'seen');
  await ok('restart', 'seen');
  await ok('restart', 'seen');
  await ok('kill', 'seen');
  await ok('start', 'seen');
  await ok('rm', '-f', 'seen');
  const actions = (await eventsSince(engine.socket, since))
    .filter((event) => event.Type === 'container')
    .map((event) => event.Action);
  expect(actions.join(' ')).toBe(
    'create start kill die stop start restart kill die stop start restart kill die start kill die destroy',
  );
});
