// The way of software from a desk to a server: build, test inside, push to a private registry; another host pulls and comes
// up; a new tag follows, and the old one comes back by its digest. What is there already is never sent again.
import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { TestRegistry } from '../support/registry.ts';
import { Stage } from '../support/stage.ts';

const REGISTRY = '10.99.0.1:5000';
const IMAGE = `${REGISTRY}/shop/web`;
/** Of the layer that no version changes, in bytes; random, so that compression does not shrink it. */
const LIBRARY = 3_000_000;

const DOCKERFILE = `FROM busybox AS made
WORKDIR /srv
COPY library /srv/library
COPY index.html test.sh /srv/
RUN echo "made by $(cat index.html)" > made.txt
FROM made
EXPOSE 8080
CMD ["httpd", "-f", "-p", "8080", "-h", "/srv"]
`;
const DESK = `services:\n  web:\n    build: .\n    image: ${IMAGE}:\${VERSION}\n`;
const SERVER = `services:\n  web:\n    image: \${WEB}\n    ports: ["8080:8080"]\n    stop_grace_period: 0s\n`;

/** A host that trusts the registry's authority and has logged in. */
async function enrol(stage: Stage, registry: TestRegistry): Promise<void> {
  const trusted = join(stage.folder, 'config/certs.d', REGISTRY);
  await mkdir(trusted, { recursive: true });
  await copyFile(registry.authority, join(trusted, 'ca.crt'));
  Object.assign(stage.env, {
    GANTRY_CONFIG: join(stage.folder, 'config'),
    DOCKER_CONFIG: join(stage.folder, 'docker'),
  });
  await stage.ok(['docker', 'login', '-u', 'me', '--password-stdin', REGISTRY], { input: 's3cret\n' });
}

/** Bytes of the blobs that the registry sent since the last call. */
function counter(registry: TestRegistry): () => Promise<number> {
  let seen = 0;
  return async () => {
    const all = await registry.sentBlobs();
    const fresh = all.slice(seen);
    seen = all.length;
    const sizes = fresh.map(async (digest) => {
      const hex = digest.slice('sha256:'.length);
      const blobs = join(registry.folder, 'store/docker/registry/v2/blobs/sha256');
      return (await stat(join(blobs, hex.slice(0, 2), hex, 'data'))).size;
    });
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  };
}

/** Builds, tests inside and pushes one version; gives its reference by digest. */
async function deliver(desk: Stage, version: string): Promise<string> {
  const env = { VERSION: version };
  await desk.write('shop/index.html', `version ${version}\n`);
  await desk.ok(['build'], { cwd: join(desk.folder, 'shop'), env });
  const tested = await desk.ok(['docker', 'run', '--rm', `${IMAGE}:${version}`, 'sh', '/srv/test.sh']);
  expect(tested).toBe(`made by version ${version}\nall tests passed\n`);
  await desk.ok(['push'], { cwd: join(desk.folder, 'shop'), env });
  const pushed = await desk.ok(['docker', 'image', 'inspect', '-f', '{{index .RepoDigests 0}}', `${IMAGE}:${version}`]);
  return pushed.trim();
}

async function served(server: Stage): Promise<string> {
  const args = ['-sS', '--retry', '20', '--retry-connrefused', '--retry-delay', '0', '--retry-max-time', '20'];
  return await server.host.check('curl', [...args, 'http://127.0.0.1:8080/index.html']);
}

it('build, test, push, pull elsewhere, a new version, and back by digest', async () => {
  await using desk = await Stage.create('desk');
  await using server = await Stage.create('server');
  await desk.wire(server);
  await using registry = await TestRegistry.start({
    netns: desk.host,
    listen: REGISTRY,
    withPassword: true,
    withTls: true,
  });
  if (registry === undefined) return;
  for (const stage of [desk, server]) await enrol(stage, registry);
  await desk.importBusybox();
  await desk.write('shop/Dockerfile', DOCKERFILE);
  await desk.write('shop/compose.yaml', DESK);
  await desk.write('shop/test.sh', 'cat made.txt && test -s library && echo all tests passed\n');
  await writeFile(join(desk.folder, 'shop/library'), randomBytes(LIBRARY));
  await server.write('compose.yaml', SERVER);
  const sent = counter(registry);

  const first = await deliver(desk, '1');
  await sent();
  await server.ok(['pull'], { env: { WEB: `${IMAGE}:1` } });
  expect(await sent()).toBeGreaterThan(LIBRARY);
  await server.ok(['up', '-d'], { env: { WEB: `${IMAGE}:1` } });
  expect(await served(server)).toBe('version 1\n');
  expect(await sent()).toBe(0);

  await deliver(desk, '2');
  await sent();
  await server.ok(['up', '-d'], { env: { WEB: `${IMAGE}:2` } });
  expect(await served(server)).toBe('version 2\n');
  expect(await sent()).toBeLessThan(10_000);

  expect(first).toMatch(/@sha256:[0-9a-f]{64}$/);
  await server.ok(['up', '-d'], { env: { WEB: first } });
  expect(await served(server)).toBe('version 1\n');
  expect(await sent()).toBe(0);

  await server.ok(['down'], { env: { WEB: first } });
}, 180_000);
