// Programs run to their end, in both ways there are.
import { describe, expect, it } from 'vitest';
import { runProcess, runSmall } from '../../../src/base/process.ts';

const env = { PATH: '/usr/bin:/bin' };

describe.each([
  ['runProcess', runProcess],
  ['runSmall', runSmall],
])('%s', (_name, run) => {
  it('gives status, stdout and stderr', async () => {
    const script = 'cat; echo words >&2; exit 3';
    expect(await run('sh', ['-c', script], { env, input: 'in\n' })).toEqual({
      status: 3,
      stdout: 'in\n',
      stderr: 'words\n',
    });
  });

  it('does not mind a program that does not read', async () => {
    expect(await run('true', [], { env, input: 'x'.repeat(1_000_000) })).toMatchObject({ status: 0 });
  });

  it('gives a program no input unless told', async () => {
    expect(await run('cat', [], { env })).toMatchObject({ status: 0, stdout: '' });
  });

  it.each([
    ['that is not there', '/nonexistent/program', {}],
    ['that says too much', 'yes', { maxOutput: 1000 }],
  ])('fails for a program %s', async (_why, file, options) => {
    await expect(run(file, [], { env, ...options })).rejects.toMatchObject({ code: 'base/process-failed' });
  });

  it('ends with its signal', async () => {
    const abort = new AbortController();
    const running = run('sleep', ['100'], { env, signal: abort.signal });
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'base/aborted' });
  });
});
