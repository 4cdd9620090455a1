// Files that are saved, deleted and renamed while `gantry watch` runs, and what the containers then have.
import { chmod, chown, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Stage } from '../support/stage.ts';
import { startWatching, type Watching } from '../support/watching.ts';

const COMPOSE = `
name: w
services:
  web:
    image: busybox
    command: ["httpd", "-f", "-p", "80", "-h", "/site"]
    working_dir: /site
    ports: ["18080:80"]
    stop_grace_period: 0s
    tmpfs: [/tmp/live]
    develop:
      watch:
        - { path: ./site, action: sync, target: /site, initial_sync: true, ignore: ["*.log", "vendor/", "!vendor/own"] }
        - { path: ./live, action: sync, target: /tmp/live/copy }
        - { path: ./httpd.conf, action: sync+restart, target: /etc/httpd.conf }
        - { path: ./restart.me, action: restart }
  many:
    image: busybox
    command: ["sleep", "100000"]
    stop_grace_period: 0s
    scale: 2
    develop:
      watch:
        - path: ./jobs
          action: sync+exec
          target: /jobs
          include: ["**/*.job"]
          exec:
            command: ["sh", "-c", "cat *.job | sort; echo as $$(id -un) in $$PWD with $$GREETING; grep CapBnd /proc/self/status"]
            privileged: true
            user: app
            working_dir: /jobs
            environment: { GREETING: hello }
`;

describe('watch', () => {
  let stage: Stage;
  let watching: Watching;
  const path = (name: string): string => join(stage.folder, name);
  const inside = async (script: string, service = 'web', index = '1'): Promise<string> =>
    await stage.ok(['-p', 'w', 'exec', '-T', '--index', index, service, 'sh', '-c', script]);
  const page = async (name: string): Promise<string> => {
    const { stdout } = await stage.host.run('curl', ['-s', '-w', ' %{http_code}', `http://127.0.0.1:18080/${name}`]);
    return stdout;
  };
  const shows = async (name: string, expected: string): Promise<void> => {
    await eventually(async () => ((await page(name)) === expected ? true : undefined));
  };

  beforeAll(async () => {
    stage = await Stage.create('watch');
    await stage.importBusybox();
    await stage.write('compose.yaml', COMPOSE);
    await stage.write('site/index.html', 'first');
    await stage.write('site/old.log', 'not for the container');
    await mkdir(path('live'));
    await mkdir(path('jobs'));
    watching = startWatching(stage, ['watch']);
    await watching.until(/enabled for/);
  });
  afterAll(async () => {
    await watching.stop();
    for (const file of ['compose.yaml', 'b.yaml']) await stage.gantry(['-f', path(file), 'down', '-t', '0']);
    await stage[Symbol.asyncDispose]();
  });

  it('starts the services and copies what initial_sync names', async () => {
    await shows('index.html', 'first 200');
    expect(await page('old.log')).toMatch(/ 404$/);
  });

  it('copies what is saved in place, by rename, and in folders that are new', async () => {
    await writeFile(path('site/index.html'), 'second');
    await shows('index.html', 'second 200');
    await writeFile(path('site/.index.tmp'), 'third');
    await rename(path('site/.index.tmp'), path('site/index.html'));
    await shows('index.html', 'third 200');
    await mkdir(path('site/a/b/c'), { recursive: true });
    await writeFile(path('site/a/b/c/deep.html'), 'deep');
    await shows('a/b/c/deep.html', 'deep 200');
  });

  it('keeps owner, mode, links and empty folders', async () => {
    await writeFile(path('site/run.sh'), '#!/bin/sh\n');
    await chmod(path('site/run.sh'), 0o750);
    await chown(path('site/run.sh'), 1000, 33);
    await symlink('run.sh', path('site/link'));
    await mkdir(path('site/empty'));
    await writeFile(path('site/after'), '');
    await eventually(async () => await inside('stat -c %a:%u:%g run.sh; readlink link; ls -d empty; ls after'));
    expect(await inside('stat -c %a:%u:%g run.sh; readlink link; ls empty')).toBe('750:1000:33\nrun.sh\n');
    await chmod(path('site/run.sh'), 0o700);
    await eventually(async () => ((await inside('stat -c %a run.sh')) === '700\n' ? true : undefined));
  });

  it('deletes what is deleted, also folders, and puts a folder where a file was', async () => {
    await rm(path('site/a'), { recursive: true });
    await rm(path('site/run.sh'));
    await eventually(async () => ((await page('a/b/c/deep.html')).endsWith(' 404') ? true : undefined));
    await eventually(async () =>
      (await inside('ls -A | tr "\\n" " "')).startsWith('after empty index.html') ? 1 : undefined,
    );
    await rm(path('site/after'));
    await mkdir(path('site/after'));
    await writeFile(path('site/after/all.html'), 'now below');
    await shows('after/all.html', 'now below 200');
  });

  it('leaves out what is ignored, and takes back what is excepted', async () => {
    await mkdir(path('site/vendor/own'), { recursive: true });
    await mkdir(path('site/vendor/other'));
    await writeFile(path('site/vendor/other/x'), 'x');
    await writeFile(path('site/new.log'), 'x');
    await writeFile(path('site/.index.html.swp'), 'x');
    await writeFile(path('site/vendor/own/y'), 'own');
    await shows('vendor/own/y', 'own 200');
    expect(await inside('find . -name "*.log" -o -name x -o -name "*.swp"')).toBe('');
  });

  it('copies to all replicas and runs the command in each, once for a burst', async () => {
    const from = watching.written();
    await Promise.all(['1', '2', '3'].map(async (n) => await writeFile(path(`jobs/${n}.job`), `job ${n}\n`)));
    await writeFile(path('jobs/other.txt'), 'not included');
    const text = (await watching.until(/many: command done/, from)).slice(from);
    // both write at the same time, so lines of one may stand between those of the other
    for (const line of [/job 1\n/g, /job 2\n/g, /job 3\n/g, /as app in \/jobs with hello\n/g])
      expect(text.match(line)).toHaveLength(2);
    // what containers have without being privileged
    expect(text.match(/CapBnd:\s(?!0*a80425fb)/g)).toHaveLength(2);
    expect(text).toMatch(/in 2 containers/);
    for (const index of ['1', '2']) expect(await inside('ls /jobs', 'many', index)).toBe('1.job\n2.job\n3.job\n');
  });

  it('restarts for what wants it, once the copy is there', async () => {
    let from = watching.written();
    await writeFile(path('httpd.conf'), 'H:/site\n');
    await watching.until(/web: restarted/, from);
    expect(await inside('cat /etc/httpd.conf')).toBe('H:/site\n');
    from = watching.written();
    await writeFile(path('restart.me'), '');
    await watching.until(/web: restarted/, from);
    await shows('index.html', 'third 200');
  });

  it('gives a container that was made again all that was changed since', async () => {
    await writeFile(path('live/kept'), 'live');
    await eventually(async () => ((await inside('cat /tmp/live/copy/kept')) === 'live' ? true : undefined));
    await stage.ok(['up', '-d', '--force-recreate', '--no-deps', '-t', '0', 'web']);
    await shows('after/all.html', 'now below 200');
    await shows('index.html', 'third 200');
    expect(await eventually(async () => await inside('cat /tmp/live/copy/kept'))).toBe('live');
    // a tmpfs is lost by a restart alone
    await stage.ok(['restart', '-t', '0', 'web']);
    expect(await eventually(async () => await inside('cat /tmp/live/copy/kept'))).toBe('live');
  });

  it('goes on while a container is stopped', async () => {
    await stage.ok(['stop', '-t', '0', 'web']);
    await writeFile(path('site/index.html'), 'while stopped');
    await stage.ok(['start', 'web']);
    await shows('index.html', 'while stopped 200');
  });

  it('refuses a second watch, and ends at Ctrl-C with the containers running', async () => {
    const second = await stage.gantry(['watch', '--no-up']);
    expect([second.status, second.stderr]).toEqual([1, expect.stringContaining('cannot take exclusive lock')]);
    expect(await watching.stop()).toBe(130);
    await shows('index.html', 'while stopped 200');
    await stage.ok(['down', '-t', '0']);
  });

  it('watches and shows logs in one, and Ctrl-C stops both', async () => {
    const up = startWatching(stage, ['up', '--watch', 'web']);
    await up.until(/enabled for web/);
    await writeFile(path('site/index.html'), 'by up');
    await shows('index.html', 'by up 200');
    const from = up.written();
    await writeFile(path('restart.me'), 'again');
    await up.until(/web: restarted/, from);
    await shows('index.html', 'by up 200');
    expect(await up.stop()).toBe(130);
    expect(await stage.ok(['ps', '-q'])).toBe('');
    await stage.ok(['down', '-t', '0']);
  });

  it('builds again what wants it, leaves others alone, and keeps the container of a build that fails', async () => {
    const project = `
name: b
services:
  built:
    build: { context: ./built }
    stop_grace_period: 0s
    develop: { watch: [{ path: ./built, action: rebuild, ignore: ["*.html"] }, { path: ./built, action: sync, target: /site, include: ["*.html"] }] }
  other: { image: busybox, command: ["sleep", "100000"], stop_grace_period: 0s }
`;
    const file = await stage.write('b.yaml', project);
    const dockerfile = (more: string): string => `FROM busybox\nCOPY . /site\n${more}CMD ["sleep", "100000"]\n`;
    await stage.write('built/Dockerfile', dockerfile(''));
    await stage.write('built/version', 'one');
    const first = startWatching(stage, ['-f', file, 'watch']);
    await first.until(/enabled for built/);
    const ids = async (): Promise<string[]> =>
      (await stage.ok(['-p', 'b', 'ps', '-q', '--no-trunc'])).trim().split('\n');
    const read = async (name: string): Promise<string> =>
      await stage.ok(['-p', 'b', 'exec', '-T', 'built', 'cat', name]);
    await writeFile(path('built/page.html'), 'synced');
    await eventually(async () => await read('/site/page.html'));
    const before = await ids();
    let from = first.written();
    await writeFile(path('built/version'), 'two');
    await first.until(/built: rebuilt/, from);
    expect(await read('/site/version')).toBe('two');
    expect((await ids()).filter((id) => before.includes(id))).toHaveLength(1);
    from = first.written();
    const kept = await ids();
    await writeFile(path('built/Dockerfile'), dockerfile('RUN exit 3\n'));
    await first.until(/built: rebuild failed.*stay as they were/, from);
    expect(await ids()).toEqual(kept);
    from = first.written();
    await writeFile(path('built/Dockerfile'), dockerfile('RUN echo mended >/mended\n'));
    await first.until(/built: rebuilt/, from);
    expect(await read('/mended')).toBe('mended\n');
    expect(await first.stop()).toBe(130);
    await stage.ok(['-f', file, 'down', '-t', '0']);
  });

  it('refuses a project without rules, in words', async () => {
    const file = await stage.write('plain.yaml', 'services: { a: { image: busybox } }\n');
    const result = await stage.gantry(['-p', 'plain', '-f', file, 'watch']);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/none of the selected services is configured for watch[^]*develop/);
  });
});
