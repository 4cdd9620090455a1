// What the front end promises of any engine: plans become true, failures take back what they made, logs and ends are seen.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CliLab } from '../support/cli.ts';

let lab: CliLab;
beforeAll(async () => {
  lab = await CliLab.create();
});
afterEach(async () => {
  await lab.run('down', '-v', '-t', '0', '--remove-orphans');
});
afterAll(async () => await lab[Symbol.asyncDispose]());

const SLEEP = 'command: ["sleep", "1000"]';

async function states(): Promise<Readonly<Record<string, string>>> {
  const rows = (await lab.ok('ps', '-a', '--format', 'json')).split('\n').filter((line) => line !== '');
  const parsed = rows.map((row) => JSON.parse(row) as { Name: string; State: string });
  return Object.fromEntries(parsed.map(({ Name, State }) => [Name, State]));
}

describe('up', () => {
  it('makes true what the files say, and then has nothing to do', async () => {
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP} }\n  b: { image: busybox, ${SLEEP}, scale: 2 }\n`);
    await lab.ok('up', '-d');
    expect(await states()).toEqual({ 'lab-a-1': 'running', 'lab-b-1': 'running', 'lab-b-2': 'running' });
    expect(await lab.ok('up', '--plan')).toBe('nothing to do: project "lab" is up to date\n');
  });

  it('plans without doing', async () => {
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP} }\n`);
    expect(await lab.ok('up', '--dry-run')).toContain('create lab-a-1');
    expect(await states()).toEqual({});
  });

  it('scales down and up', async () => {
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP}, stop_signal: SIGKILL }\n`);
    await lab.ok('up', '-d', '--scale', 'a=3');
    await lab.ok('up', '-d', '--scale', 'a=1');
    expect(await states()).toEqual({ 'lab-a-1': 'running' });
  });

  it('scale changes the count of one service and of no other', async () => {
    await lab.compose(
      `services:\n  a: { image: busybox, ${SLEEP}, stop_signal: SIGKILL, depends_on: [b] }\n  b: { image: busybox, ${SLEEP} }\n`,
    );
    await lab.ok('scale', '--no-deps', 'a=2');
    expect(await states()).toEqual({ 'lab-a-1': 'running', 'lab-a-2': 'running' });
    await lab.ok('scale', 'a=1');
    expect(await states()).toEqual({ 'lab-a-1': 'running', 'lab-b-1': 'running' });
    expect((await lab.run('scale', 'nope=2')).stderr).toContain('no such service: nope');
    expect((await lab.run('scale', 'a')).stderr).toContain('--scale a: give SERVICE=NUMBER');
  });

  it('lists the volumes of the project, or those that services mount', async () => {
    await lab.compose(
      `services:\n  a: { image: busybox, ${SLEEP}, stop_signal: SIGKILL, volumes: ["one:/v"] }\n` +
        `  b: { image: busybox, ${SLEEP}, stop_signal: SIGKILL, volumes: ["two:/w"] }\nvolumes: { one: {}, two: {} }\n`,
    );
    await lab.ok('up', '-d');
    await lab.ok('volume', 'create', 'lab_foreign');
    expect(await lab.ok('volumes')).toBe('DRIVER    VOLUME NAME\nlocal     lab_one\nlocal     lab_two\n');
    expect(await lab.ok('volumes', '-q', 'b')).toBe('lab_two\n');
    expect((await lab.run('volumes', 'nope')).stderr).toContain('no such service: nope');
    await lab.ok('volume', 'rm', 'lab_foreign');
  });

  it('recreates with what is in anonymous volumes, and without it on -V', async () => {
    const file = (value: string): string =>
      `services:\n  a: { image: busybox, ${SLEEP}, stop_signal: SIGKILL, volumes: [/anon], environment: { V: "${value}" } }\n`;
    await lab.compose(file('1'));
    await lab.ok('up', '-d');
    await lab.ok('exec', '-T', 'a', 'sh', '-c', 'echo kept >/anon/x');
    await lab.compose(file('2'));
    await lab.ok('up', '-d');
    expect(await lab.ok('exec', '-T', 'a', 'sh', '-c', 'cat /anon/x; echo $V')).toBe('kept\n2\n');
    await lab.ok('up', '-d', '-V');
    expect(await lab.ok('exec', '-T', 'a', 'ls', '/anon')).toBe('');
  });

  it('starts named services with what they need, or without it', async () => {
    await lab.compose(
      `services:\n  a: { image: busybox, ${SLEEP}, depends_on: [b] }\n` +
        `  b: { image: busybox, ${SLEEP}, stop_signal: SIGKILL }\n  c: { image: busybox, ${SLEEP} }\n`,
    );
    await lab.ok('up', '-d', 'a');
    expect(await states()).toEqual({ 'lab-a-1': 'running', 'lab-b-1': 'running' });
    await lab.ok('stop', 'b');
    await lab.ok('up', '-d', '--no-deps', 'a');
    expect((await states())['lab-b-1']).toBe('exited');
    await lab.ok('down', '-t', '0', 'b');
    expect(await states()).toEqual({});
  });

  it('says and removes orphans', async () => {
    await lab.compose(
      `services:\n  a: { image: busybox, ${SLEEP} }\n  old: { image: busybox, ${SLEEP}, stop_signal: SIGKILL }\n`,
    );
    await lab.ok('up', '-d');
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP} }\n`);
    expect((await lab.run('up', '-d')).stderr).toMatch(/orphan containers \(\[lab-old-1\]\)/);
    await lab.ok('up', '-d', '--remove-orphans');
    expect(await states()).toEqual({ 'lab-a-1': 'running' });
  });

  it('waits for a job to complete before its dependent starts', async () => {
    await lab.compose(
      'services:\n' +
        '  job: { image: busybox, command: ["sh", "-c", "sleep 0.3; echo done >/shared/it"], volumes: ["vol:/shared"] }\n' +
        '  a: { image: busybox, command: ["cat", "/shared/it"], volumes: ["vol:/shared"], depends_on: { job: { condition: service_completed_successfully } } }\n' +
        'volumes: { vol: }\n',
    );
    await lab.ok('up', '-d');
    await lab.run('wait', 'a');
    expect(await lab.ok('logs', '--no-log-prefix', 'a')).toBe('done\n');
  });
});

describe('a failed up', () => {
  it('takes back what it made and leaves what was there', async () => {
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP} }\n`);
    await lab.ok('up', '-d');
    await lab.compose(
      `services:\n  a: { image: busybox, ${SLEEP} }\n  b: { image: busybox, ${SLEEP}, networks: [n] }\n` +
        '  bad: { image: busybox, command: ["/nope"], depends_on: [b] }\nnetworks: { n: }\n',
    );
    const { status, stderr } = await lab.run('up', '-d');
    expect(status).toBe(1);
    expect(stderr).toMatch(/gantry: service "bad": cannot start: .*\/nope/);
    expect(await states()).toEqual({ 'lab-a-1': 'running' });
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP} }\n`);
    expect(await lab.ok('up', '--plan')).toContain('nothing to do');
  });

  it.each([
    ['', 'cannot pull localhost:9/no/such:1: Get "http://localhost:9/v2/": dial tcp localhost:9: connect: connection'],
    ['    pull_policy: never\n', 'no such image: localhost:9/no/such:1'],
  ])('makes nothing at all when an image is missing, and says where it is written', async (policy, words) => {
    await lab.compose(
      `services:\n  a: { image: busybox, ${SLEEP} }\n  b:\n    image: localhost:9/no/such:1\n${policy}`,
    );
    const { status, stderr } = await lab.run('up', '-d');
    expect(status).toBe(1);
    expect(stderr).toContain(`compose.yaml:4:12: error: service "b": ${words}`);
    expect(await states()).toEqual({});
  });

  it('quotes the last words of a dependency that failed, and keeps it to be looked at', async () => {
    await lab.compose(
      'services:\n  job: { image: busybox, command: ["sh", "-c", "echo out of cheese; exit 3"] }\n' +
        `  a: { image: busybox, ${SLEEP}, depends_on: { job: { condition: service_completed_successfully } } }\n`,
    );
    const { status, stderr } = await lab.run('up', '-d');
    expect(status).toBe(1);
    expect(stderr).toContain("dependency failed to start: container lab-job-1 didn't complete successfully: exit 3");
    expect(stderr).toContain('  | out of cheese');
    expect(stderr).toContain('skipped because of this: Container lab-a-1');
    expect(await states()).toEqual({ 'lab-a-1': 'created', 'lab-job-1': 'exited' });
  });
});

describe('health', () => {
  const file = (test: string): string =>
    `services:\n  db:\n    image: busybox\n    ${SLEEP}\n    healthcheck: { test: ${test}, interval: 200ms, retries: 2 }\n` +
    `  a: { image: busybox, ${SLEEP}, depends_on: { db: { condition: service_healthy } } }\n`;

  it('a dependent starts once its dependency is healthy', async () => {
    await lab.compose(file('["CMD", "true"]'));
    await lab.ok('up', '-d');
    expect(await states()).toEqual({ 'lab-a-1': 'running', 'lab-db-1': 'running' });
    expect(await lab.ok('ps', 'db')).toContain('(healthy)');
  });

  it('one that is unhealthy fails what needs it', async () => {
    await lab.compose(file('["CMD", "false"]'));
    const { status, stderr } = await lab.run('up', '-d');
    expect([status, stderr]).toEqual([1, expect.stringContaining('container lab-db-1 is unhealthy') as string]);
  });

  it('one that is unhealthy and not required is told, and its dependent starts', async () => {
    await lab.compose(file('["CMD", "false"]').replace('service_healthy', 'service_healthy, required: false'));
    const { status, stderr } = await lab.run('up', '-d');
    expect([status, stderr]).toEqual([0, expect.stringContaining('container lab-db-1 is unhealthy') as string]);
    expect(await states()).toEqual({ 'lab-a-1': 'running', 'lab-db-1': 'running' });
  });

  it('one that has no check cannot be waited for', async () => {
    await lab.compose(file('["NONE"]'));
    expect((await lab.run('up', '-d')).stderr).toContain('container lab-db-1 has no healthcheck configured');
  });

  it('--wait waits for all, and gives up in time', async () => {
    await lab.compose(file('["CMD", "true"]'));
    await lab.ok('up', '--wait');
    await lab.ok('down', '-t', '0');
    await lab.compose(file('["CMD", "false"]').replace('retries: 2', 'retries: 1000'));
    expect((await lab.run('up', '--wait', '--wait-timeout', '1')).stderr).toContain('application not healthy after 1s');
  });
});

describe('attached', () => {
  it('shows every line from the first on, and ends with the containers', async () => {
    await lab.compose(
      'services:\n  a: { image: busybox, command: ["sh", "-c", "echo one; echo two >&2; exit 4"] }\n' +
        '  long: { image: busybox, command: ["echo", "hello"] }\n',
    );
    const { status, stdout, stderr } = await lab.run('up');
    expect(status).toBe(0);
    expect(stdout).toContain('Attaching to a-1, long-1\n');
    for (const line of ['a-1     | one\n', 'long-1  | hello\n', 'a-1 exited with code 4\n'])
      expect(stdout).toContain(line);
    expect(stderr).toContain('a-1     | two\n');
  });

  it('ends all with the first when asked, with its exit code', async () => {
    await lab.compose(
      `services:\n  a: { image: busybox, command: ["sh", "-c", "sleep 0.2; exit 5"] }\n  b: { image: busybox, ${SLEEP}, stop_signal: SIGKILL }\n`,
    );
    expect((await lab.run('up', '--abort-on-container-exit')).status).toBe(5);
    expect(await states()).toEqual({ 'lab-a-1': 'exited', 'lab-b-1': 'exited' });
    expect((await lab.run('up', '--exit-code-from', 'b')).status).toBe(137);
  });

  it('stops gracefully on the first signal', async () => {
    await lab.compose(
      'services:\n  a: { image: busybox, command: ["sh", "-c", "trap \'echo bye; exit 0\' TERM; echo up; while :; do sleep 0.1; done"] }\n',
    );
    const command = lab.begin(['up']);
    await command.shows('a-1  | up');
    command.interrupt();
    const { status, stdout, stderr } = await command.result;
    expect(status).toBe(130);
    expect(stderr).toContain('Gracefully stopping... (press Ctrl+C again to force)');
    expect(stdout).toContain('a-1  | bye\n');
  });

  it('kills on the second', async () => {
    await lab.compose(
      'services:\n  a: { image: busybox, command: ["sh", "-c", "trap : TERM; echo up; while :; do sleep 0.1; done"], stop_grace_period: 60s }\n',
    );
    const command = lab.begin(['up']);
    await command.shows('a-1  | up');
    command.interrupt();
    command.interrupt();
    expect((await command.result).stderr).toContain('Killing...');
    expect(await states()).toEqual({ 'lab-a-1': 'exited' });
  });
});

it('an interrupt has exit code 130 wherever it comes, and leaves what was there', async () => {
  await lab.compose(
    `services:\n  a: { image: busybox, ${SLEEP}, stop_signal: SIGKILL, healthcheck: { test: ["CMD", "false"], retries: 1000 } }\n` +
      `  b: { image: busybox, ${SLEEP}, depends_on: { a: { condition: service_healthy } } }\n`,
  );
  for (const words of [['up', '-d'], ['up', '-d', '--wait'], ['run', 'b'], ['start']]) {
    const command = lab.begin(words);
    await command.tells('Container lab-a-1  Waiting');
    command.interrupt();
    expect(await command.result).toMatchObject({
      status: 130,
      stderr: expect.stringMatching(/interrupted\n$/) as string,
    });
    expect(await states()).toEqual({ 'lab-a-1': 'running', 'lab-b-1': 'created' });
  }
  for (const words of [
    ['logs', '-f'],
    ['events', '--since', '0'],
    ['wait', 'a'],
  ]) {
    const command = lab.begin(words);
    if (words[0] === 'events') await command.shows('container start');
    command.interrupt();
    expect(await command.result, words.join(' ')).toMatchObject({ status: 130 });
  }
});

describe('logs', () => {
  it('-f ends with the container and goes on over a restart', async () => {
    await lab.compose(
      'services:\n  a: { image: busybox, command: ["sh", "-c", "echo begin $$RANDOM; sleep 1000"], stop_signal: SIGKILL }\n',
    );
    await lab.ok('up', '-d');
    const follow = lab.begin(['logs', '-f']);
    await follow.shows('begin');
    await lab.ok('restart', '-t', '0', 'a');
    while ((await lab.ok('logs', '--no-log-prefix', 'a')).split('begin').length < 3) await new Promise(setImmediate);
    await lab.ok('stop', '-t', '0');
    follow.interrupt();
    expect((await follow.result).stdout.split('begin').length).toBeGreaterThan(1);
  });

  it('tail, timestamps and one service', async () => {
    await lab.compose(
      'services:\n  a: { image: busybox, command: ["seq", "1", "9"] }\n  b: { image: busybox, command: ["echo", "b"] }\n',
    );
    await lab.ok('up', '-d');
    await lab.run('wait', 'a', 'b');
    expect(await lab.ok('logs', '-n', '2', '--no-log-prefix', 'a')).toBe('8\n9\n');
    expect(await lab.ok('logs', '-t', 'b')).toMatch(/^b-1 {2}\| \d{4}-\d\d-\d\dT[\d:.]+Z b\n$/);
  });
});

describe('exec', () => {
  it('passes environment, user, folder, input and exit code', async () => {
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP} }\n`);
    await lab.ok('up', '-d');
    expect(
      await lab.ok(
        'exec',
        '-T',
        '-e',
        'A=b c',
        '-w',
        '/tmp',
        '-u',
        'nobody',
        'a',
        'sh',
        '-c',
        'echo $A $PWD $(id -un)',
      ),
    ).toBe('b c /tmp nobody\n');
    const { status, stdout } = await lab.begin(['exec', '-T', 'a', 'sh', '-c', 'cat; exit 6'], 'through\n').result;
    expect([status, stdout]).toEqual([6, 'through\n']);
  });

  it('says which service it could not find', async () => {
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP} }\n`);
    expect((await lab.run('exec', 'b', 'ls')).stderr).toContain('no such service: b');
    expect((await lab.run('exec', 'a', 'ls')).stderr).toContain('service "a" is not running');
  });
});

describe('the small verbs', () => {
  it('stop, start, kill, pause, rm change what they say', async () => {
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP} }\n`);
    await lab.ok('up', '-d');
    await lab.ok('stop', '-t', '0');
    expect(await states()).toEqual({ 'lab-a-1': 'exited' });
    await lab.ok('start');
    await lab.ok('pause');
    expect(await states()).toEqual({ 'lab-a-1': 'paused' });
    await lab.ok('unpause');
    await lab.ok('kill', '-s', 'KILL');
    await lab.run('wait', 'a');
    expect(await states()).toEqual({ 'lab-a-1': 'exited' });
    await lab.ok('rm', '-f');
    expect(await states()).toEqual({});
  });

  it('port, images, ls and top tell of what runs', async () => {
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP}, ports: ["127.0.0.1:18999:80"] }\n`);
    await lab.ok('up', '-d');
    expect(await lab.ok('port', 'a', '80')).toBe('127.0.0.1:18999\n');
    expect(await lab.ok('images')).toMatch(/lab-a-1 +busybox +latest +[0-9a-f]{12} +\d/);
    expect(await lab.ok('ls')).toMatch(/lab +running\(1\) +\S+compose\.yaml\n/);
    expect(await lab.ok('top')).toMatch(/^lab-a-1\nUID.*\n.*sleep 1000/);
    expect(await lab.ok('ps')).toMatch(/127\.0\.0\.1:18999->80\/tcp\n$/);
  });

  it('down without files takes the project by its labels', async () => {
    await lab.compose(`services:\n  a: { image: busybox, ${SLEEP} }\n`);
    await lab.ok('up', '-d');
    await lab.compose('services:\n  other: { image: busybox }\n');
    expect((await lab.run('down', '-t', '0', '--remove-orphans')).status).toBe(0);
    expect(await states()).toEqual({});
    expect((await lab.run('down')).stderr).toContain('no resource found to remove for project "lab"');
  });
});
