// A pipe in the place of a file: read while somebody writes, refused when nobody does. It takes as long as one waits.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { loadProject } from '../../../src/compose/load.ts';
import { projectFolder } from '../../support/compose-files.ts';

async function makePipe(path: string): Promise<void> {
  const child = spawn('mkfifo', [path]);
  await once(child, 'exit');
}

describe('pipes', () => {
  it('refuses one that nobody writes into', async () => {
    using folder = projectFolder({ 'compose.yaml': 'services: {a: {image: x, env_file: pipe}}\n' });
    await makePipe(`${folder.dir}/pipe`);
    const loading = loadProject({ env: {}, cwd: folder.dir });
    await expect(loading).rejects.toThrow('is a pipe that nobody writes into');
  }, 60_000);

  it('reads what is written', async () => {
    using folder = projectFolder({ 'compose.yaml': 'services: {a: {image: x, env_file: pipe}}\n' });
    await makePipe(`${folder.dir}/pipe`);
    const loading = loadProject({ env: {}, cwd: folder.dir });
    await using writer = await open(`${folder.dir}/pipe`, 'w');
    await writer.write('A=1\n');
    await writer.close();
    expect((await loading).project.services['a']?.environment).toEqual({ A: '1' });
  });
});
