// The first users' ZooKeeper image: a release fetched over http, unpacked and configured by single commands.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChecked, type ProcessResult } from '../../src/base/process.ts';
import { eventually } from '../support/eventually.ts';
import { buildExampleImages, EXAMPLES } from '../support/examples.ts';
import { FileServer } from '../support/file-server.ts';
import { Stage } from '../support/stage.ts';

/** Java from Debian's packages. */
const BASE = 'gantry-examples/java:local';
const RELEASE = 'zookeeper-3.8.0';

/** As the release's own script: finds its jars and configuration beside itself. */
const SCRIPT = `#!/bin/sh
home=$(cd "$(dirname "$0")/.." && pwd)
[ "$1" = start-foreground ] || exit 2
exec java -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \\
  -cp "$home/conf:$home/lib/*" \\
  org.apache.zookeeper.server.quorum.QuorumPeerMain "$home/conf/zoo.cfg"
`;

const dockerfile = (url: string): string => `FROM ${BASE}
MAINTAINER somebody <somebody@example.org>
WORKDIR /tmp
ADD ${url}/${RELEASE}.tar.gz /tmp/
RUN tar -xzf ${RELEASE}.tar.gz
RUN mv ${RELEASE} /usr/lib/zookeeper
RUN echo "dataDir=/tmp/zookeeper" >> /usr/lib/zookeeper/conf/zoo.cfg
RUN echo "clientPort=2181" >> /usr/lib/zookeeper/conf/zoo.cfg
RUN echo "4lw.commands.whitelist=ruok,srvr" >> /usr/lib/zookeeper/conf/zoo.cfg
EXPOSE 2181
CMD ["/usr/lib/zookeeper/bin/zkServer.sh", "start-foreground"]
`;

describe('a ZooKeeper image', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.create('zk');
    await buildExampleImages(stage, 'kafka-zookeeper');
  }, 600_000);
  afterAll(async () => {
    await docker('rm', '-f', '-v', 'zk');
    await stage[Symbol.asyncDispose]();
  });

  async function docker(...args: readonly string[]): Promise<ProcessResult> {
    const env = { ...stage.env, DOCKER_BUILDKIT: '0' };
    return await stage.host.run('docker', ['-H', `unix://${stage.socket}`, ...args], { cwd: stage.folder, env });
  }

  /** An archive laid out as a release is; its jars are Debian's. */
  async function makeRelease(): Promise<string> {
    const site = join(stage.folder, 'site');
    const home = join(stage.folder, RELEASE);
    for (const part of ['bin', 'conf', 'lib']) await mkdir(join(home, part), { recursive: true });
    await mkdir(site);
    const packed = join(EXAMPLES, 'kafka-zookeeper/zookeeper/release.tar');
    const unpacked = join(stage.folder, 'unpacked');
    await mkdir(unpacked);
    await runChecked('tar', ['-C', unpacked, '-xf', packed]);
    // Jars name each other by their manifests, so all of them; links to what the image does without stay out. A release
    // has one binding of its logger: of several, the order of the folder would choose, and that of commons-logging fails.
    const bindings = '-name "slf4j-j*" -o -name "slf4j-log4j*" -o -name "slf4j-simple*"';
    const copy = `find . -name "*.jar" ! \\( ${bindings} \\) -exec test -e {} \\; -exec cp -L {} "$0" \\;`;
    await runChecked('sh', ['-c', copy, join(home, 'lib')], { cwd: join(unpacked, 'usr/share/java') });
    await writeFile(join(home, 'bin/zkServer.sh'), SCRIPT, { mode: 0o755 });
    await writeFile(join(home, 'conf/zoo.cfg'), 'tickTime=2000\nadmin.enableServer=false\n');
    await runChecked('tar', ['-C', stage.folder, '-h', '-czf', join(site, `${RELEASE}.tar.gz`), RELEASE]);
    return site;
  }

  it('is built from a release on a web server of this host', async () => {
    await using server = await FileServer.start(stage.host, await makeRelease());
    const context = join(stage.folder, 'context');
    await mkdir(context);
    await writeFile(join(context, 'Dockerfile'), dockerfile(server.url));
    const { stdout, stderr } = await docker('build', '--force-rm', '-t', 'zookeeper', context);
    expect(stdout + stderr).toContain('Successfully tagged zookeeper:latest');
    expect((await docker('inspect', '-f', '{{.Author}}', 'zookeeper')).stdout).toBe(
      'somebody <somebody@example.org>\n',
    );
  }, 120_000);

  it('serves on its published port', async () => {
    await docker('rm', '-f', '-v', 'zk');
    expect(await docker('run', '-d', '-P', '--name', 'zk', 'zookeeper')).toMatchObject({ status: 0 });
    const port = /0\.0\.0\.0:(\d+)/.exec((await docker('port', 'zk', '2181')).stdout)?.[1] ?? '';
    const ask = `const s = require('node:net').connect(${port}, '127.0.0.1', () => s.write('srvr')); s.pipe(process.stdout)`;
    const answer = await eventually(async () => {
      const { stdout } = await stage.host.run(process.execPath, ['-e', ask]);
      return /^Mode:/m.test(stdout) ? stdout : undefined; // it listens before it serves
    });
    expect(answer).toContain('Mode: standalone');
  }, 120_000);
});
