// What a process may see and do: capabilities, filters, masks, descriptors, limits. Each test names its class of attack.
import { lstat, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/engine/shim/codec.ts';
import { MESSAGES, PHASES, PLAN, STEPS } from '../../src/engine/shim/records.ts';
import { ATTR, DEFAULT_CAPS, DEFAULT_MOUNTS, execPlanOf, FLAGS } from '../support/launch.ts';
import { attach } from '../support/wire.ts';
import { nativeBinary, TestZygote, type TestContainer } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

const STATUS = "grep -E '^(Cap|Seccomp:|NoNewPrivs|Uid|SigBlk)' /proc/self/status";
const CAPS_HEX = DEFAULT_CAPS.toString(16).padStart(16, '0');

/** struct sock_filter[]: errno 1 for mkdir and mkdirat, else allow. */
function noMkdir(): Buffer {
  const instructions = [
    [0x20, 0, 0, 0],
    [0x15, 1, 0, process.arch === 'x64' ? 83 : 34],
    [0x15, 0, 1, process.arch === 'x64' ? 258 : 34],
    [0x06, 0, 0, 0x0005_0001],
    [0x06, 0, 0, 0x7fff_0000],
  ] as const;
  const out = Buffer.alloc(instructions.length * 8);
  instructions.forEach(([code, jt, jf, k], i) => {
    out.writeUInt16LE(code, i * 8);
    out.writeUInt8(jt, i * 8 + 2);
    out.writeUInt8(jf, i * 8 + 3);
    out.writeUInt32LE(k, i * 8 + 4);
  });
  return encodeRecord(PLAN.seccomp, { program: out });
}

async function execOutput(container: TestContainer, plan: Buffer, exec = 'x'): Promise<string> {
  await container.wire.ask(MESSAGES.execPrepare, { exec, plan }, MESSAGES.ok);
  const client = await attach(`${container.dir}/x-${exec}`, 6);
  await container.wire.ask(MESSAGES.execGo, { exec }, MESSAGES.started);
  const output = await client.output;
  return output[1] + output[2];
}

describe('capabilities and filters', () => {
  it('are what the plan says, inheritable and ambient empty, for run and exec (CVE-2022-24769)', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({ argv: ['sh', '-c', `${STATUS}; sleep 100`], extra: [noMkdir()] });
    const client = await container.attach(2);
    await container.go();
    await client.until('Seccomp:\t2');
    const [first] = await container.logLines();
    expect(first?.stream).toBe('stdout');
    const text = (await container.logLines()).map((line) => line.log).join('');
    const expected = [
      'CapInh:\t0000000000000000',
      `CapPrm:\t${CAPS_HEX}`,
      `CapEff:\t${CAPS_HEX}`,
      `CapBnd:\t${CAPS_HEX}`,
    ];
    for (const line of [...expected, 'CapAmb:\t0000000000000000', 'NoNewPrivs:\t0', 'SigBlk:\t0000000000000000']) {
      expect(text).toContain(line);
    }
    const inside = await execOutput(container, execPlanOf({ argv: ['sh', '-c', STATUS], extra: [noMkdir()] }));
    expect(inside).toBe(text);
  });

  it('leave a user who is not root without any', async () => {
    await using zygote = await TestZygote.start();
    const { stdout } = await zygote.run({ user: '1000', argv: ['sh', '-c', STATUS], extra: [noMkdir()] });
    expect(stdout).toContain('CapEff:\t0000000000000000');
    expect(stdout).toContain('CapPrm:\t0000000000000000');
    expect(stdout).toContain('Seccomp:\t2');
  });

  it('load with no_new_privs too, and filter', async () => {
    await using zygote = await TestZygote.start();
    const flags = FLAGS.noNewPrivileges;
    const result = await zygote.run({
      user: '1000',
      flags,
      argv: ['sh', '-c', `${STATUS}; mkdir /tmp/x`],
      extra: [noMkdir()],
    });
    expect(result.stdout).toContain('NoNewPrivs:\t1');
    expect(result.stderr).toContain("can't create directory '/tmp/x': Operation not permitted");
  });

  it('raise on exec only as far as the exec plan says', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({ argv: ['sleep', '100'], caps: 0n });
    await container.go();
    const argv = ['sh', '-c', 'grep CapEff /proc/self/status'];
    expect(await execOutput(container, execPlanOf({ argv, caps: 0n }), 'a')).toContain('0000000000000000');
    expect(await execOutput(container, execPlanOf({ argv, caps: 1n }), 'b')).toContain('0000000000000001');
  });
});

describe('descriptors and memory', () => {
  it('are stdio only (CVE-2024-21626), run and exec', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({ argv: ['sleep', '100'] });
    await container.go();
    expect(await execOutput(container, execPlanOf({ argv: ['ls', '/proc/1/fd'] }), 'a')).toBe('0\n1\n2\n');
    // 3 is the folder ls reads
    expect(await execOutput(container, execPlanOf({ argv: ['ls', '/proc/self/fd'] }), 'b')).toBe('0\n1\n2\n3\n');
  });

  it('never give a working folder outside (CVE-2024-21626)', async () => {
    await using zygote = await TestZygote.start();
    for (let fd = 3; fd < 16; fd += 1) {
      const { state } = await zygote.launch({ cwd: `/proc/self/fd/${fd}` });
      expect([state.phase, STEPS[state.step]]).toEqual([PHASES.failed, 'workdir']);
    }
  });

  it('run from memory that cannot be written (CVE-2019-5736)', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({ argv: ['sleep', '100'] });
    await container.go();
    const maps = await readFile(`/proc/${container.shimPid}/maps`, 'utf8');
    expect(maps).toContain('/memfd:gantry-shim (deleted)');
    expect(maps).not.toContain('/runtime-native/');
    await expect(readFile(`/proc/${container.shimPid}/environ`, 'utf8')).resolves.toBe('');
  });
});

describe('the view of files', () => {
  it('masks and protects paths', async () => {
    await using zygote = await TestZygote.start();
    const script = [
      'cat /proc/keys; ls /proc/tty; stat -c %t:%T /proc/keys; wc -c </proc/timer_list',
      'echo x >/proc/sys/kernel/core_pattern; echo x >/proc/keys; touch /proc/tty/x',
    ].join('\n');
    const before = await readFile('/proc/sys/kernel/core_pattern', 'utf8');
    const { stdout, stderr } = await zygote.run({
      argv: ['sh', '-c', script],
      masks: ['/proc/keys', '/proc/timer_list', '/proc/tty', '/proc/none'],
    });
    expect(stdout).toBe('1:3\n0\n');
    expect(stderr).toContain('/proc/sys/kernel/core_pattern: Read-only file system');
    expect(stderr).toContain('/proc/tty/x: Read-only file system');
    expect(await readFile('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
  });

  it('refuses a rootfs whose /proc is a link (CVE-2019-19921)', async () => {
    await using zygote = await TestZygote.start();
    const layer = await mkdtemp(join(tmpdir(), 'gantry-evil-'));
    await mkdir(`${layer}/fake`);
    await symlink('/fake', `${layer}/proc`);
    const { state } = await zygote.launch({ layers: [layer] });
    await rm(layer, { recursive: true });
    expect([state.phase, STEPS[state.step], state.path]).toEqual([PHASES.failed, 'mount', '/proc']);
  });

  it('refuses masks that something else stands in for (CVE-2025-31133)', async () => {
    await using zygote = await TestZygote.start();
    const withoutProc = DEFAULT_MOUNTS.filter((mount) => mount.target !== '/proc');
    const fake = { fstype: 'tmpfs', source: 'tmpfs', target: '/proc/', attr: 0n, flags: 2 };
    const { state } = await zygote.launch({
      defaultMounts: [fake, ...withoutProc],
      masks: ['/proc/keys'],
      readonlyPaths: ['/proc/.'],
    });
    expect(state.phase).toBe(PHASES.failed);
  });

  it('keeps links of the image inside: mounts, devices, working folder (CVE-2021-30465, runc 2026-41579)', async () => {
    await using zygote = await TestZygote.start();
    const outside = await mkdtemp(join(tmpdir(), 'gantry-outside-'));
    const layer = await mkdtemp(join(tmpdir(), 'gantry-evil-'));
    await symlink(`../../../../..${outside}`, `${layer}/dev`);
    await symlink(outside, `${layer}/data`);
    await symlink('../../../../../../tmp', `${layer}/up`);
    await using other = await TestZygote.start();
    const options = {
      layers: [layer, await busyboxLayer()],
      mounts: [{ fstype: 'tmpfs', source: 'tmpfs', target: '/data/in/side', flags: 2 }],
      cwd: '/up/work',
    };
    const { state } = await zygote.launch(options);
    const listing = await other.run({
      argv: ['ls', '-la', '/mnt'],
      mounts: [{ source: outside, target: '/mnt', flags: 2 }],
    });
    await rm(layer, { recursive: true });
    await rm(outside, { recursive: true });
    expect(listing.stdout.split('\n').filter((line) => line !== '' && !/ \.{1,2}$|^total/.test(line))).toEqual([]);
    expect([PHASES.prepared, PHASES.failed]).toContain(state.phase);
  });

  it('has a read-only root when asked, with writable volumes', async () => {
    await using zygote = await TestZygote.start();
    await mkdir(`${zygote.root}/vol`);
    const { stdout, stderr } = await zygote.run({
      readonlyRoot: true,
      cwd: '/fresh',
      mounts: [{ source: `${zygote.root}/vol`, target: '/vol', flags: 3 }],
      argv: ['sh', '-c', 'pwd; touch /x; touch /vol/y; ls /vol; touch /dev/shm/z'],
    });
    expect(stdout).toBe('/fresh\ny\n');
    expect(stderr).toBe('touch: /x: Read-only file system\n');
  });

  it('makes read-only binds read-only all the way down', async () => {
    await using zygote = await TestZygote.start();
    await mkdir(`${zygote.root}/vol/sub`, { recursive: true });
    const { stderr } = await zygote.run({
      mounts: [{ source: `${zygote.root}/vol`, target: '/vol', attr: ATTR.ro, flags: 2 | 1 | 8 }],
      argv: ['sh', '-c', 'touch /vol/sub/x'],
    });
    expect(stderr).toBe('touch: /vol/sub/x: Read-only file system\n');
  });

  it('shows nothing of the host in its mount table', async () => {
    await using zygote = await TestZygote.start();
    const { stdout } = await zygote.run({ argv: ['cat', '/proc/mounts'] });
    expect(stdout).toMatch(/^overlay \/ overlay rw/m);
    const targets = stdout.split('\n').map((line) => line.split(' ')[1] ?? '');
    expect(targets.filter((target) => !/^(|\/|\/(proc|dev|sys)(\/.*)?)$/.test(target))).toEqual([]);
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain(zygote.root);
  });
});

describe('settings', () => {
  it('apply in the own namespaces: sysctl, hostname, limits, umask, oom score', async () => {
    await using zygote = await TestZygote.start();
    const { stdout } = await zygote.run({
      umask: 0o027,
      oomScoreAdj: 123,
      extra: [
        encodeRecord(PLAN.sysctl, { key: 'net.ipv4.ip_unprivileged_port_start', value: '77' }),
        encodeRecord(PLAN.sysctl, { key: 'kernel.msgmax', value: '9000' }),
        encodeRecord(PLAN.rlimit, { resource: 7, soft: 300n, hard: 400n }),
      ],
      argv: [
        'sh',
        '-c',
        'cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/kernel/msgmax /proc/self/oom_score_adj; umask; ulimit -n; ulimit -Hn',
      ],
    });
    expect(stdout).toBe('77\n9000\n123\n0027\n300\n400\n');
  });

  it('default to fixed limits, not those of Node', async () => {
    await using zygote = await TestZygote.start();
    const { stdout } = await zygote.run({
      argv: ['sh', '-c', 'ulimit -n; ulimit -Hn; cat /proc/self/oom_score_adj; ulimit -c'],
    });
    // where CAP_SYS_RESOURCE is missing around us, our own hard limit is the most there is
    const own = /Max open files +\d+ +(\d+)/.exec(await readFile('/proc/self/limits', 'utf8'))?.[1];
    expect([524288, Math.min(524288, Number(own))].map((most) => `1024\n${most}\n0\nunlimited\n`)).toContain(stdout);
  });
});

describe('folders and files of the engine', () => {
  it('let nobody in but root (containerd 2020-15257)', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({ argv: ['sleep', '100'] });
    await container.go();
    const mode = async (name: string): Promise<string> =>
      ((await lstat(`${container.dir}${name}`)).mode & 0o7777).toString(8);
    expect(await Promise.all(['', '/ctl', '/attach', '/started'].map(mode))).toEqual(['700', '600', '600', '600']);
    expect(await readFile('/proc/net/unix', 'utf8')).not.toMatch(/@.*gantry/);
  });

  it('are refused when others can write to them', async () => {
    await using zygote = await TestZygote.start();
    const dir = `${zygote.root}/open`;
    await mkdir(dir, { mode: 0o755 });
    const launched = zygote.wire.ask(MESSAGES.launch, { dir, plan: Buffer.alloc(0) }, MESSAGES.launched);
    await expect(launched).rejects.toMatchObject({ failure: { step: 'socket', errno: 1, path: dir } });
  });

  it('keep the log from following a link', async () => {
    await using zygote = await TestZygote.start();
    await writeFile(`${zygote.root}/victim`, 'precious');
    await symlink(`${zygote.root}/victim`, `${zygote.root}/link.log`);
    const { state } = await zygote.launch({ argv: ['echo', 'x'], logPath: `${zygote.root}/link.log` });
    expect([state.phase, STEPS[state.step], state.errno]).toEqual([PHASES.failed, 'log', 40]);
    expect(await readFile(`${zygote.root}/victim`, 'utf8')).toBe('precious');
  });
});

describe('a terminal', () => {
  it('is of the container and leads a session of its own (CVE-2017-5226)', async () => {
    await using zygote = await TestZygote.start();
    // field 6: session, field 7: controlling terminal (136:0 = 34816)
    const container = await zygote.launch({
      flags: FLAGS.tty,
      argv: ['sh', '-c', 'tty; cut -d" " -f6,7 /proc/self/stat; ls /dev/pts'],
    });
    const client = await container.attach(2, true);
    await container.go();
    expect((await client.output)[0]).toBe('/dev/pts/0\r\n1 34816\r\n0     ptmx\r\n');
  });

  it('is refused where /dev/console is a link (CVE-2025-52565)', async () => {
    await using zygote = await TestZygote.start();
    const dev = `${zygote.root}/dev`;
    await mkdir(`${dev}/pts`, { recursive: true });
    await symlink('/proc/sys/kernel/core_pattern', `${dev}/console`);
    const mounts = [{ source: dev, target: '/dev' }, ...DEFAULT_MOUNTS.filter((mount) => mount.target === '/dev/pts')];
    const defaultMounts = DEFAULT_MOUNTS.filter((mount) => mount.target === '/proc');
    const { state } = await zygote.launch({ flags: FLAGS.tty, defaultMounts, mounts, argv: ['true'] });
    expect([state.phase, STEPS[state.step], state.path]).toEqual([PHASES.failed, 'tty', '/dev/console']);
  });

  it('keeps stdin from what stands in for /dev/null', async () => {
    await using zygote = await TestZygote.start();
    const dev = `${zygote.root}/dev`;
    await mkdir(dev);
    const defaultMounts = DEFAULT_MOUNTS.filter((mount) => mount.target === '/proc');
    const mounts = [{ source: dev, target: '/dev' }];
    await symlink('/etc/passwd', `${dev}/null`);
    const { state } = await zygote.launch({ defaultMounts, mounts });
    expect(state.phase).toBe(PHASES.failed);
  });
});

async function busyboxLayer(): Promise<string> {
  const { busyboxRootfs } = await import('../support/rootfs.ts');
  return (await busyboxRootfs()).dir;
}
