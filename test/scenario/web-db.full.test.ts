// examples/web-db: a version 1 file; one request passes nginx, the web application and the database.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildExampleImages } from '../support/examples.ts';
import { Stage } from '../support/stage.ts';

const EXAMPLES = fileURLToPath(new URL('../../examples', import.meta.url));

describe('examples/web-db', () => {
  let stage: Stage;
  let folder: string;

  beforeAll(async () => {
    stage = await Stage.create('webdb');
    // first the images: what makes them also makes hits.log, which is copied then
    await buildExampleImages(stage, 'web-db');
    folder = join(stage.folder, 'web-db');
    await mkdir(folder);
    await cp(join(EXAMPLES, 'web-db'), folder, { recursive: true });
  }, 300_000);
  afterAll(async () => stage[Symbol.asyncDispose]());

  it('comes up with a warning that shows the modern form, answers through all three, and goes', async () => {
    const up = await stage.gantry(['up', '-d'], { cwd: folder });
    expect(up.status, up.stderr).toBe(0);
    expect(up.stderr).toMatch(/services:/);
    await stage.host.check(process.execPath, [join(folder, 'check.ts')], { cwd: folder, env: stage.env });
    await stage.ok(['down', '-v', '-t', '0'], { cwd: folder });
    expect(await stage.leftovers()).toEqual([]);
  }, 120_000);
});
