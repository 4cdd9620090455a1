// The request of a build and the reading of its stream.
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { finishBuild, type BuildStep } from '../../../src/client/build-progress.ts';
import { buildRequest } from '../../../src/client/build.ts';
import { buildQuery } from '../../../src/client/query.ts';

const lines = (...messages: readonly object[]): Readable =>
  Readable.from(messages.map((message) => Buffer.from(`${JSON.stringify(message)}\r\n`)));

describe('a build request', () => {
  it('has the API’s names and forms; credentials are no part of the address', () => {
    const { path, query, headers } = buildRequest(undefined, {
      t: ['a:1', 'b'],
      buildargs: { A: 'x', B: null },
      cachefrom: ['c'],
      labels: {},
      nocache: true,
      registryconfig: { 'r:5000': { username: 'u', password: 'secret' } },
    });
    expect(decodeURIComponent(`${path}${buildQuery(query)}`)).toBe(
      '/build?t=a:1&t=b&buildargs={"A":"x","B":null}&labels={}&nocache=true&cachefrom=["c"]&version=1',
    );
    expect(JSON.parse(Buffer.from(headers?.['X-Registry-Config'] ?? '', 'base64url').toString())).toEqual({
      'r:5000': { username: 'u', password: 'secret' },
    });
  });
});

describe('a build stream', () => {
  it('gives text, steps, pulls and the id', async () => {
    const texts: string[] = [];
    const steps: BuildStep[] = [];
    const pulls: unknown[] = [];
    const id = await finishBuild(
      lines(
        { stream: 'Step 1/2 : FROM a' },
        { stream: '\n' },
        { status: 'Pulling fs layer', id: '1' },
        { stream: 'Step 2/2 : RUN b\n' },
        { stream: 'out' },
        { aux: { ID: 'sha256:1' } },
        { aux: { ID: 'sha256:2' } },
        { stream: 'Successfully built 2\n' },
      ),
      { text: (text) => texts.push(text), step: (step) => steps.push(step), status: (line) => pulls.push(line.id) },
    );
    expect(id).toBe('sha256:2');
    expect(texts.join('')).toBe('Step 1/2 : FROM a\nStep 2/2 : RUN b\noutSuccessfully built 2\n');
    expect(steps).toEqual([
      { number: 1, total: 2, instruction: 'FROM a' },
      { number: 2, total: 2, instruction: 'RUN b' },
    ]);
    expect(pulls).toEqual(['1']);
  });

  it('takes the id from the words of engines that tell it nowhere else', async () => {
    expect(await finishBuild(lines({ stream: 'Successfully built 0123456789ab\n' }))).toBe('0123456789ab');
    await expect(finishBuild(lines({ stream: 'x' }))).rejects.toThrow('without telling the id');
  });

  it('fails with the step, the line and the last words of it', async () => {
    const failed = finishBuild(
      lines(
        { stream: 'Step 1/2 : RUN a\n' },
        { stream: 'of the first\n' },
        { stream: 'Step 2/2 : RUN b\n' },
        { stream: ' ---> Running in 1\n' },
        { stream: '\u001B[91mone\n' },
        { stream: '\u001B[0mtwo' },
        { errorDetail: { code: 3, message: 'failed', line: 7 }, error: 'failed' },
      ),
    );
    await expect(failed).rejects.toMatchObject({
      code: 'client/build-failed',
      message: 'failed',
      details: { code: 3, line: 7, step: { number: 2 }, lastLines: ['one', 'two'] },
    });
  });
});
