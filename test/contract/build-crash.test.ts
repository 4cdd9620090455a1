// What is left of a build when the daemon is killed in the middle of it.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildOver } from '../support/build-api.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { tarOf } from '../support/tar.ts';

it('is nothing: the next daemon removes its container, its context and its layers, and keeps what a failure left', async () => {
  await using engine = await TestEngine.start();
  await importBusybox(engine.socket);
  const layers = await readdir(join(engine.data, 'layers'));
  const failed = await buildOver(engine.socket, { tar: dockerfile('FROM busybox\nRUN echo left && false\n') });
  expect(failed.error).toContain('returned a non-zero code: 1');
  const left = await containers(engine);
  expect(left).toHaveLength(1);
  const going = Promise.withResolvers<undefined>();
  const cut = buildOver(engine.socket, {
    tar: dockerfile(
      'FROM busybox\nCOPY Dockerfile /layer\nVOLUME /anonymous\nRUN <<EOF sh\necho going\nsleep 60\nEOF\n',
    ),
    onText: (text) => (/^going$/m.test(text) ? going.resolve(undefined) : undefined),
  });
  await going.promise;
  expect(await containers(engine)).toHaveLength(2);
  await engine.kill();
  await cut;
  await engine.restart();
  await eventually(async () => {
    expect(await containers(engine)).toEqual(left);
    expect(await readdir(join(engine.data, 'image-work'))).toEqual([]);
    expect(await readdir(join(engine.data, 'layers'))).toEqual(layers);
    expect((await engine.docker(['volume', 'ls', '-q'])).stdout).toBe('');
    return true;
  });
  await engine.docker(['container', 'prune', '-f']);
});

async function containers(engine: TestEngine): Promise<string[]> {
  const { stdout } = await engine.docker(['ps', '-aq', '--no-trunc']);
  return stdout.split('\n').filter((id) => id !== '');
}

function dockerfile(data: string): Buffer {
  return tarOf({ name: 'Dockerfile', data });
}
