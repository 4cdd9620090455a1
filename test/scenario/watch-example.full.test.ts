// examples/watch: a small Node.js service under `up --watch`, edited as its README shows.
import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { buildExampleImages, EXAMPLES } from '../support/examples.ts';
import { Stage } from '../support/stage.ts';
import { startWatching, type Watching } from '../support/watching.ts';

describe('examples/watch', () => {
  let stage: Stage;
  let folder: string;
  let watching: Watching;
  const answer = async (): Promise<string> =>
    (await stage.host.run('curl', ['-s', '-w', '%{http_code} %header{x-version}', 'http://127.0.0.1:8090/'])).stdout;
  const answers = async (expected: string): Promise<void> => {
    await eventually(async () => ((await answer()) === expected ? true : undefined));
  };
  const edit = async (name: string, change: (text: string) => string): Promise<void> => {
    const path = join(folder, name);
    await writeFile(path, change(await readFile(path, 'utf8')));
  };

  beforeAll(async () => {
    stage = await Stage.create('wnode');
    await buildExampleImages(stage, 'watch');
    folder = join(stage.folder, 'watch');
    await cp(join(EXAMPLES, 'watch'), folder, { recursive: true });
    watching = startWatching(stage, ['up', '--watch'], folder);
    await watching.until(/enabled for web/);
  }, 300_000);
  afterAll(async () => {
    await watching.stop();
    await stage.gantry(['down', '-t', '0'], { cwd: folder });
    await stage[Symbol.asyncDispose]();
  });

  it('serves a page as it was built, then as it was saved, and no longer when it is deleted', async () => {
    await answers('<h1>Hello</h1>\n200 1.0.0');
    await edit('pages/index.html', () => '<h1>Changed</h1>\n');
    await answers('<h1>Changed</h1>\n200 1.0.0');
    await rm(join(folder, 'pages/index.html'));
    await answers('there is no such page\n404 1.0.0');
    await writeFile(join(folder, 'pages/index.html'), 'back\n');
    await answers('back\n200 1.0.0');
  });

  it('restarts with a changed package.json', async () => {
    const from = watching.written();
    await edit('package.json', (text) => text.replace('1.0.0', '1.1.0'));
    await answers('back\n200 1.1.0');
    expect(await watching.until(/version 1\.1\.0 listens/, from)).toMatch(/web: restarted/);
  });

  it('builds again for a changed Dockerfile', async () => {
    const from = watching.written();
    await edit('Dockerfile', (text) => `${text}ENV COLOUR=blue\n`);
    await watching.until(/web: rebuilt/, from);
    await answers('back\n200 1.1.0');
    expect(await stage.ok(['exec', '-T', 'web', 'sh', '-c', 'echo $COLOUR'], { cwd: folder })).toBe('blue\n');
  });
});
