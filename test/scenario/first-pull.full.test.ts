// `pull busybox` and what follows, as people begin: from a registry that mirrors docker.io, on the test's own host.
import { expect, it } from 'vitest';
import { TestRegistry } from '../support/registry.ts';
import { Stage } from '../support/stage.ts';

const REGISTRY = '127.0.0.1:5000';

it('pulls by a short name, runs what it pulled, and pulls what is not there', async () => {
  await using stage = await Stage.create('pull');
  await using registry = await TestRegistry.start({ netns: stage.host, listen: REGISTRY });
  if (registry === undefined) return;
  Object.assign(stage.env, { GANTRY_REGISTRY_MIRRORS: `http://${REGISTRY}` });
  await stage.importBusybox();
  await stage.ok(['docker', 'tag', 'busybox', `${REGISTRY}/library/busybox`]);
  await stage.ok(['docker', 'push', `${REGISTRY}/library/busybox`]);
  await stage.ok(['docker', 'rmi', 'busybox', `${REGISTRY}/library/busybox`]);

  const pulled = await stage.ok(['docker', 'pull', 'busybox']);
  expect(pulled).toMatch(/^Using default tag: latest\nlatest: Pulling from library\/busybox\n/);
  expect(pulled).toMatch(
    /Digest: sha256:[0-9a-f]{64}\nStatus: Downloaded newer image for busybox:latest\ndocker\.io\/library\/busybox:latest\n$/,
  );
  expect(await stage.ok(['docker', 'run', '--rm', 'busybox', 'echo', 'hello from busybox'])).toBe(
    'hello from busybox\n',
  );
  expect(await stage.ok(['docker', 'pull', 'busybox'])).toContain('Status: Image is up to date for busybox:latest\n');

  const removed = await stage.ok(['docker', 'rmi', 'busybox']);
  expect(removed).toMatch(/^Untagged: busybox:latest\n(Untagged: busybox@sha256:.*\n)?Deleted: sha256:/);
  const ran = await stage.gantry(['docker', 'run', '--rm', 'busybox', 'echo', 'again']);
  expect(ran).toMatchObject({ status: 0, stdout: 'again\n' });
  expect(ran.stderr).toContain("Unable to find image 'busybox:latest' locally\n");
  await stage.ok(['docker', 'rmi', 'busybox']);
}, 60_000);
