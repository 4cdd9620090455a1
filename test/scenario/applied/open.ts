// Brings the project of all tables up on a stage of its own, and looks at its containers.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { arch } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startProcess } from '../../../src/base/process.ts';
import { Docker } from '../../../src/client/docker.ts';
import { createDemuxer } from '../../../src/client/demux.ts';
import { hierarchies, type Hierarchy } from '../../support/cgroup.ts';
import { busyboxRootfs } from '../../support/rootfs.ts';
import { Stage } from '../../support/stage.ts';
import type { Answer, Look, Probe } from './row.ts';
import { TABLES } from './tables.ts';
import { composeText } from './text.ts';

/** What a probe saw, and what it was to see. */
export interface Seen {
  readonly expected: Answer;
  readonly seen: string;
}

/** The project. */
export interface Applied extends AsyncDisposable {
  /** Looks until it sees what is expected, or for some seconds. */
  look(subject: string, probe: Probe): Promise<Seen>;
}

const UPSTREAM = fileURLToPath(new URL('../../support/dns-upstream.ts', import.meta.url));
const PROJECT = 'applied';
const TRIES = 30;

/** Starts everything; what fails leaves nothing behind. */
export async function openApplied(): Promise<Applied> {
  const stage = await Stage.create(PROJECT);
  const platform = arch() === 'arm64' ? 'linux/arm64' : 'linux/amd64';
  const env = {
    OUTSIDE: 'from-outside',
    FOLDER: stage.folder,
    COMPOSE_PROFILES: 'on',
    PLATFORM: platform,
    PARENT: basename(stage.folder),
  };
  const files: string[] = [];
  let server: ChildProcess | undefined;
  const close = async (): Promise<void> => {
    server?.stdin?.end();
    await stage.gantry([...files, 'down', '-v', '-t', '0'], { env });
    await stage.gantry(['docker', 'rm', '-f', '-v', 'applied-friend']);
    for (const { mount } of await hierarchies()) await stage.host.run('rmdir', [join(mount, basename(stage.folder))]);
    await stage.host.run('umount', ['-R', join(stage.folder, 'nested')]);
    await stage[Symbol.asyncDispose]();
  };
  try {
    for (const [at, table] of TABLES.entries()) {
      files.push('-f', await stage.write(`compose-${at}.yaml`, composeText(table)));
      for (const [name, text] of Object.entries(table.files ?? {})) await stage.write(name, text);
    }
    await prepare(stage);
    server = await nameServer(stage);
    await stage.ok([...files, 'up', '-d'], { env });
    const ground = await survey(stage);
    return { look: async (subject, probe) => await look(ground, subject, probe), [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function look(ground: Ground, subject: string, probe: Probe): Promise<Seen> {
  const expected = expectation(probe, ground);
  let seen = '';
  for (let left = TRIES; left > 0; left -= 1) {
    seen = await observe(ground, subject, probe.look);
    if (fits(seen, expected)) break;
    await sleep(100);
  }
  return { expected, seen };
}

const FILL = 'mkdir -p /s/deep/er; echo seed >/s/deep/er/seed; echo $0 >/v/who; echo $1 >/o/who; exec sleep 100000';

/** What the project finds there: a device without a driver, a mount below a folder, networks, volumes and a container. */
async function prepare(stage: Stage): Promise<void> {
  const { tar } = await busyboxRootfs();
  const [volume, old] = ['applied-volume', 'applied-volume-old'];
  const volumes = ['applied-seeded:/s', `${volume}:/v`, `${old}:/o`, '/friendly'].flatMap((at) => ['-v', at]);
  const changes = ['CMD ["sh"]', 'LABEL of=checked', 'HEALTHCHECK CMD echo of the image'].flatMap((at) => ['-c', at]);
  const nested = join(stage.folder, 'nested');
  const script = `mknod nodriver c 240 7; mkdir devices; mknod devices/one c 240 8; mknod disk b $(sed 's/:/ /' "$(ls /sys/block/*/dev | tail -1)"); mount --bind ${nested} ${nested}; mount --make-rshared ${nested}
    mount -t tmpfs inner nested/inner; touch nested/inner/under`;
  await stage.importBusybox();
  await stage.host.check('sh', ['-ec', script], { cwd: stage.folder });
  await stage.ok(['image', 'import', ...changes, tar, 'checked:1']);
  await stage.ok(['docker', 'network', 'create', '--subnet', '10.44.0.0/24', 'applied-outer']);
  await stage.ok(['docker', 'network', 'create', '--subnet', '10.45.0.0/24', 'applied-outer-old']);
  const run = ['docker', 'run', '-d', '--name', 'applied-friend', '--network', 'applied-outer', ...volumes];
  await stage.ok([...run, 'busybox', 'sh', '-c', FILL, volume, old]);
}

/** Answers every question with 10.0.0.77. */
async function nameServer(stage: Stage): Promise<ChildProcess> {
  const args = stage.host.enter(process.execPath, [UPSTREAM, '0.0.0.0', '77']);
  const server = startProcess('nsenter', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(server.stdout ?? server, 'data');
  return server;
}

/** What is looked at. */
interface Ground {
  readonly stage: Stage;
  readonly docker: Docker;
  readonly cgroups: readonly Hierarchy[];
  /** Names of first containers by service. */
  readonly names: ReadonlyMap<string, string>;
  /** PID_service of first containers, PID_service_2 of others. */
  readonly pids: Readonly<Record<string, string>>;
}

async function survey(stage: Stage): Promise<Ground> {
  const docker = new Docker({ host: `unix://${stage.socket}` });
  const names = new Map<string, string>();
  const pids: Record<string, string> = {};
  for (const { Id, Labels } of await docker.listContainers({ all: true })) {
    const { Name, State } = await docker.getContainer(Id).inspect();
    const service = Labels['com.docker.compose.service'] ?? '';
    if (Name === '/applied-friend') pids['PID_friend'] = String(State.Pid);
    const number = Labels['com.docker.compose.container-number'] ?? '';
    if (number === '1') names.set(service, Name.slice(1));
    pids[`PID_${service}${number === '1' ? '' : `_${number}`}`] = String(State.Pid);
  }
  return { stage, docker, cgroups: await hierarchies(), names, pids };
}

function expectation({ is, look }: Probe, { cgroups }: Ground): Answer {
  if (typeof is === 'string' || is instanceof RegExp) return is;
  const isFirst = look.kind === 'cgroup' && versionOf(cgroups, look.controller) === 1;
  return isFirst ? is[0] : is[1];
}

function versionOf(cgroups: readonly Hierarchy[], controller: string): 1 | 2 {
  return cgroups.some((at) => at.version === 1 && at.controllers.includes(controller)) ? 1 : 2;
}

function fits(seen: string, expected: Answer): boolean {
  return typeof expected === 'string' ? seen === expected : expected.test(seen);
}

async function observe(ground: Ground, subject: string, look: Look): Promise<string> {
  const { docker, names } = ground;
  const name = names.get(subject) ?? `no container of ${subject}`;
  switch (look.kind) {
    case 'inside':
      return await inContainer(docker, name, look.script);
    case 'outside':
      return await onHost(ground, subject, look.script);
    case 'inspect':
      return valueAt(await docker.getContainer(name).inspect(), look.path);
    case 'network':
      return valueAt(await docker.getNetwork(look.name).inspect(), look.path);
    case 'volume':
      return valueAt(await docker.getVolume(look.name).inspect(), look.path);
    case 'logs':
      return await logsOf(docker, name);
    case 'cgroup':
      return await inCgroup(ground, subject, look);
  }
}

async function inContainer(docker: Docker, name: string, script: string): Promise<string> {
  const exec = await docker.getContainer(name).exec({
    AttachStdout: true,
    AttachStderr: true,
    Cmd: ['sh', '-c', script],
  });
  const { stream } = await exec.start();
  const chunks: Buffer[] = [];
  const take = createDemuxer((_stream, payload) => chunks.push(payload));
  for await (const chunk of stream) take(chunk as Buffer);
  return Buffer.concat(chunks).toString().replace(/\n$/, '');
}

const SAME = 'same() { [ "$(readlink /proc/$PID/ns/$1)" = "$(readlink /proc/$2/ns/$1)" ] && echo same || echo other; }';

async function onHost({ stage, pids, names }: Ground, subject: string, script: string): Promise<string> {
  const own = {
    SOCKET: stage.socket,
    PARENT: basename(stage.folder),
    PID: pids[`PID_${subject}`] ?? '',
    NAME: names.get(subject) ?? '',
    FOLDER: stage.folder,
  };
  const env = { ...stage.env, ...pids, ...own };
  const { stdout, stderr } = await stage.host.run('sh', ['-c', `${SAME}\n${script}`], { env, cwd: stage.folder });
  return `${stdout}${stderr}`.replace(/\n$/, '');
}

async function logsOf(docker: Docker, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  const take = createDemuxer((_stream, payload) => chunks.push(payload));
  try {
    take(await docker.getContainer(name).logs({ stdout: true, stderr: true }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return Buffer.concat(chunks).toString().replace(/\n$/, '');
}

/** The file, or "no such file" where the controller or the kernel has none. */
async function inCgroup(
  { cgroups, pids }: Ground,
  subject: string,
  look: Extract<Look, { kind: 'cgroup' }>,
): Promise<string> {
  const version = versionOf(cgroups, look.controller);
  const isOurs = (at: Hierarchy): boolean =>
    version === 2 ? at.version === 2 : at.version === 1 && at.controllers.includes(look.controller);
  const mount = cgroups.find(isOurs)?.mount ?? '';
  const lines = (await readFile(`/proc/${pids[`PID_${subject}`] ?? ''}/cgroup`, 'utf8')).split('\n');
  const parts = lines.map((line) => line.split(':'));
  const own = parts.find(([, list = '']) => (version === 2 ? list === '' : list.split(',').includes(look.controller)));
  const path = join(mount, own?.[2] ?? '', version === 2 ? look.v2 : look.v1);
  return await readFile(path, 'utf8').then(
    (text) => text.trimEnd(),
    () => `no such file: ${path}`,
  );
}

/** The JSON of the value at a path of keys; a dot in a key is written `\.`. */
function valueAt(value: unknown, path: string): string {
  const keys = path === '' ? [] : path.split(/(?<!\\)\./).map((key) => key.replaceAll('\\.', '.'));
  const found = keys.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], value);
  return found === undefined ? 'nothing' : JSON.stringify(found);
}
