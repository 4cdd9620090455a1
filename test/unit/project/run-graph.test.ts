// The executor: order without levels, limits, failures and cancellation.
import { describe, expect, it } from 'vitest';
import { runGraph } from '../../../src/project/run-graph.ts';

const task = (id: string, ...needs: string[]): { id: string; needs: string[] } => ({ id, needs });

describe('runGraph', () => {
  it('begins a task as soon as its own predecessors are done, whatever others do', async () => {
    const slow = Promise.withResolvers<undefined>();
    const begun: string[] = [];
    const run = runGraph([task('slow'), task('quick'), task('behind-quick', 'quick')], {
      limit: 10,
      run: async ({ id }) => {
        begun.push(id);
        if (id === 'slow') await slow.promise;
        if (id === 'behind-quick') slow.resolve(undefined);
      },
    });
    const outcome = await run;
    expect(begun).toEqual(['slow', 'quick', 'behind-quick']);
    expect(outcome.done).toHaveLength(3);
  });

  it('keeps to the limit, and waits take no place', async () => {
    let now = 0;
    let most = 0;
    const gate = Promise.withResolvers<undefined>();
    await runGraph([task('w1'), task('w2'), task('a'), task('b'), task('c')], {
      limit: 1,
      isWait: ({ id }) => id.startsWith('w'),
      run: async ({ id }) => {
        if (id.startsWith('w')) {
          await gate.promise;
          return;
        }
        now += 1;
        most = Math.max(most, now);
        await Promise.resolve();
        now -= 1;
        if (id === 'c') gate.resolve(undefined);
      },
    });
    expect(most).toBe(1);
  });

  it('begins nothing after a failure, but lets what runs end', async () => {
    const other = Promise.withResolvers<undefined>();
    const outcome = await runGraph(
      [task('bad'), task('other'), task('after-bad', 'bad'), task('after-other', 'other')],
      {
        limit: 10,
        run: async ({ id }) => {
          if (id === 'bad') {
            setImmediate(() => other.resolve(undefined));
            throw new Error('no');
          }
          await other.promise;
        },
      },
    );
    expect(outcome.failed.map(({ task: at }) => at.id)).toEqual(['bad']);
    expect(outcome.done.map(({ id }) => id)).toEqual(['other']);
    expect(outcome.skipped.map(({ id }) => id)).toEqual(['after-bad', 'after-other']);
  });

  it('cuts waits short when something fails', async () => {
    const outcome = await runGraph([task('wait'), task('bad')], {
      limit: 10,
      isWait: ({ id }) => id === 'wait',
      run: async ({ id }, signal) => {
        if (id === 'bad') throw new Error('no');
        await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('cut'))));
      },
    });
    expect(outcome.failed).toHaveLength(2);
  });

  it('stops at an abort and says what was left', async () => {
    const controller = new AbortController();
    const outcome = await runGraph([task('a'), task('b', 'a')], {
      limit: 1,
      signal: controller.signal,
      run: async () => {
        controller.abort();
        await Promise.resolve();
      },
    });
    expect(outcome.done.map(({ id }) => id)).toEqual(['a']);
    expect(outcome.skipped.map(({ id }) => id)).toEqual(['b']);
  });

  it('ends at once when there is nothing to do', async () => {
    expect(await runGraph([], { limit: 1, run: async () => Promise.resolve() })).toEqual({
      done: [],
      failed: [],
      skipped: [],
    });
  });
});
