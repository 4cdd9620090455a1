// A real registry for tests: Debian's docker-registry, in a network namespace of the test's, with or without passwords and
// TLS. It keeps what it is given in a folder of its own and goes with the test.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnv } from '../../src/base/env.ts';
import { runChecked, startProcess } from '../../src/base/process.ts';
import { eventually } from './eventually.ts';
import type { Netns } from './netns.ts';
import { requireTool } from './require.ts';

/** Where .ci/run and this helper unpack tools. */
const TOOLS = fileURLToPath(new URL('../../.cache/tools', import.meta.url));

/** How a registry is started. */
export interface RegistryOptions {
  readonly netns: Netns;
  /** `ADDRESS:PORT` to listen on. */
  readonly listen: string;
  /** Ask for user `me` and password `s3cret`. */
  readonly withPassword?: boolean;
  /** Serve TLS by an authority of its own, for this address. */
  readonly withTls?: boolean;
}

/** bcrypt of `s3cret`. */
const HTPASSWD = 'me:$2b$04$V0jjZ/NAtYsJYIhLl8nCIOrO2gdA1wr0tlST1HsyGhN46DrGiqJri\n';

/** A running registry. */
export class TestRegistry implements AsyncDisposable {
  readonly folder: string;
  /** The authority's certificate when TLS is served. */
  readonly authority: string;
  readonly #process: ChildProcess;

  private constructor(folder: string, child: ChildProcess) {
    this.folder = folder;
    this.authority = join(folder, 'ca.crt');
    this.#process = child;
  }

  /** Starts it and waits until it answers; undefined when the program cannot be had. */
  static async start(options: RegistryOptions): Promise<TestRegistry | undefined> {
    const program = await registryProgram();
    if (program === undefined) return undefined;
    const folder = await mkdtemp(join(tmpdir(), 'registry-'));
    if (options.withTls === true) await makeCertificates(folder, options.listen.split(':')[0] ?? '');
    await writeFile(join(folder, 'htpasswd'), HTPASSWD);
    await writeFile(join(folder, 'config.yml'), configOf(folder, options));
    const args = options.netns.enter(program, ['serve', join(folder, 'config.yml')]);
    const log = openSync(join(folder, 'access.log'), 'w', 0o600);
    const child = startProcess('nsenter', args, { stdio: ['ignore', log, log], env: {}, cwd: '/' });
    closeSync(log);
    const registry = new TestRegistry(folder, child);
    const [address = '', port = ''] = options.listen.split(':');
    try {
      await eventually(async () => {
        const { status } = await options.netns.run('bash', ['-c', `exec 3<>/dev/tcp/${address}/${port}`]);
        return status === 0 ? true : undefined;
      });
    } catch (error) {
      await registry[Symbol.asyncDispose]();
      throw error;
    }
    return registry;
  }

  /** Digests of the blobs it sent so far, in order, by its own log of answers. */
  async sentBlobs(): Promise<readonly string[]> {
    const text = await readFile(join(this.folder, 'access.log'), 'utf8');
    return [...text.matchAll(/"GET \/v2\/\S+\/blobs\/(sha256:[0-9a-f]{64}) HTTP\/1.1" 200/g)].map(
      ([, digest = '']) => digest,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

function configOf(folder: string, { listen, withPassword, withTls }: RegistryOptions): string {
  const tls = withTls === true ? { tls: { certificate: join(folder, 'host.crt'), key: join(folder, 'host.key') } } : {};
  const auth = withPassword === true ? { auth: { htpasswd: { realm: 'lab', path: join(folder, 'htpasswd') } } } : {};
  // YAML takes JSON
  return JSON.stringify({
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: join(folder, 'store') }, delete: { enabled: true } },
    http: { addr: listen, secret: 'lab', ...tls },
    ...auth,
  });
}

async function makeCertificates(folder: string, address: string): Promise<void> {
  const path = (name: string): string => join(folder, name);
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const ca = ['-x509', '-subj', '/CN=lab authority', '-keyout', path('ca.key'), '-out', path('ca.crt')];
  await runChecked('openssl', ['req', ...key, ...ca]);
  const host = ['-subj', '/CN=registry', '-addext', `subjectAltName=IP:${address}`, '-keyout', path('host.key')];
  const by = ['-CA', path('ca.crt'), '-CAkey', path('ca.key'), '-addext', 'basicConstraints=CA:FALSE'];
  await runChecked('openssl', ['req', '-x509', ...key, ...host, ...by, '-out', path('host.crt')]);
}

/** The program: on PATH, or unpacked from Debian's package into .cache/tools. */
async function registryProgram(): Promise<string | undefined> {
  const unpacked = join(TOOLS, 'usr', 'bin', 'docker-registry');
  const path = (processEnv()['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'docker-registry'));
  const found = [unpacked, ...path].find(existsSync);
  if (found !== undefined) return found;
  try {
    await mkdir(TOOLS, { recursive: true });
    await runChecked('apt-get', ['-q', 'download', '-o', 'APT::Sandbox::User=root', 'docker-registry'], { cwd: TOOLS });
    const [deb = ''] = (await readdir(TOOLS)).filter(
      (name) => name.startsWith('docker-registry') && name.endsWith('.deb'),
    );
    await runChecked('dpkg', ['-x', join(TOOLS, deb), TOOLS]);
    await rm(join(TOOLS, deb));
    return unpacked;
  } catch {
    // said in the runner's closing line
    return requireTool('docker-registry', 'apt-get install docker-registry');
  }
}
