// Small parts of the command line: names without loading, times, flags, the choice of a container, signals.
import { EventEmitter } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { integerOf, scaleOf, secondsOf } from '../../../src/cli/flags.ts';
import { ansiOf, parallelOf, progressOf } from '../../../src/cli/globals.ts';
import { listenForInterrupts } from '../../../src/cli/interrupts.ts';
import { askConsent } from '../../../src/cli/prompt.ts';
import { cheapProjectName } from '../../../src/cli/project-name.ts';
import { checkServices, pickContainer } from '../../../src/cli/select.ts';
import { timeOf } from '../../../src/cli/time.ts';
import { observed, project, service } from '../../support/project.ts';

describe('the name of a project without its files being loaded', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'name-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });
  const nameOf = async (text: string, env: Readonly<Record<string, string>> = {}): Promise<string | undefined> => {
    await writeFile(join(folder, 'compose.yaml'), text);
    return await cheapProjectName({ cwd: folder, env });
  };

  it.each(['services:\n  name: {image: x}\n', '# name: no\nservices: {}\nvolumes:\n  a:\n', 'web:\n  image: x\n'])(
    "is the folder's for %j",
    async (text) => {
      expect(await nameOf(text)).toBe(basename(folder).toLowerCase());
    },
  );

  it.each(['name: x\nservices: {}\n', '"name": x\n', '{name: x}\n', '<<: {name: x}\n', 'services: {}\n? name\n: x\n'])(
    'is left to the loader for %j',
    async (text) => {
      expect(await nameOf(text)).toBeUndefined();
    },
  );

  it("is the variable's", async () => {
    expect(await nameOf('name: x\n', { COMPOSE_PROJECT_NAME: 'given' })).toBe('given');
  });
});

describe('times', () => {
  it.each([
    ['10m', '999400'],
    ['1700000000.5', '1700000000.5'],
    ['2026-01-02T03:04:05Z', '1767323045'],
    [undefined, undefined],
  ])('%s', (text, seconds) => {
    expect(timeOf(text, 1_000_000_000)).toBe(seconds);
  });

  it('nonsense is refused', () => {
    expect(() => timeOf('yesterday-ish')).toThrow(/is no time/);
  });
});

describe('values of flags', () => {
  it('seconds, numbers and scales', () => {
    expect(secondsOf('0')).toBe(0);
    expect(secondsOf(undefined)).toBeUndefined();
    expect(scaleOf(['a=2', 'b=0'])).toEqual({ a: 2, b: 0 });
    for (const bad of [
      (): unknown => secondsOf('x'),
      (): unknown => integerOf('-n', '', 0),
      (): unknown => scaleOf(['a=']),
    ])
      expect(bad).toThrow(/give a number/);
    expect(() => scaleOf(['a'])).toThrow('--scale a: give SERVICE=NUMBER');
  });

  it('globals come from flags, else from variables', () => {
    expect(parallelOf({ parallel: '3' }, { COMPOSE_PARALLEL_LIMIT: '9' })).toBe(3);
    expect(parallelOf({}, { COMPOSE_PARALLEL_LIMIT: '9' })).toBe(9);
    expect(parallelOf({ parallel: '-1' }, {})).toBeGreaterThan(1e6);
    expect(() => parallelOf({ parallel: '0' }, {})).toThrow(/--parallel 0/);
    expect(progressOf({ progress: 'none' }, {})).toBe('quiet');
    expect(() => progressOf({ progress: 'loud' }, {})).toThrow(/--progress loud/);
    expect(ansiOf({}, { NO_COLOR: '1' })).toBe('never');
    expect(ansiOf({ ansi: 'always' }, { NO_COLOR: '1' })).toBe('always');
  });
});

describe('the container a command goes to', () => {
  const of = project([service('web')]);
  const [one, two] = [observed(of, service('web'), 1), observed(of, service('web'), 2)];

  it('has the lowest number, but is no one-off', () => {
    expect(pickContainer([{ ...one, oneoff: true, number: 0 }, two], 'web').number).toBe(2);
    expect(pickContainer([two, one], 'web').number).toBe(1);
    expect(pickContainer([one, two], 'web', 2).number).toBe(2);
  });

  it('must run', () => {
    expect(() => pickContainer([{ ...one, state: 'exited' }], 'web')).toThrow('service "web" is not running');
    expect(() => pickContainer([one], 'web', 3)).toThrow('service "web" is not running container #3');
  });

  it('services are known by files or containers', () => {
    expect(() => checkServices(['web'], undefined, [one])).not.toThrow();
    expect(() => checkServices(['web'], of, [])).not.toThrow();
    expect(() => checkServices(['wbe'], of, [])).toThrow('no such service: wbe');
  });
});

it('signals abort, unless a verb has its own way; the third leaves', () => {
  const source = new EventEmitter();
  let left = 0;
  const interrupts = listenForInterrupts(source, () => (left += 1));
  const counts: number[] = [];
  const back = interrupts.handle((count) => counts.push(count));
  source.emit('SIGINT');
  source.emit('SIGTERM');
  expect([counts, interrupts.signal.aborted, left]).toEqual([[1, 2], false, 0]);
  back();
  source.emit('SIGINT');
  expect([interrupts.signal.aborted, left]).toEqual([true, 1]);
  interrupts.dispose();
  expect(source.listenerCount('SIGINT')).toBe(0);
});

describe('a question', () => {
  const ask = (): { source: EventEmitter; stdin: PassThrough; answer: Promise<boolean> } => {
    const [source, stdin] = [new EventEmitter(), new PassThrough()];
    const io = { stdin, stdout: new PassThrough(), stderr: new PassThrough() };
    const interrupts = listenForInterrupts(source, () => undefined);
    return { source, stdin, answer: askConsent({ io, interrupts }, 'Sure? ') };
  };

  it.each([
    ['y\n', true],
    ['YES\r', true],
    ['yesterday\n', false],
    ['\n', false],
    ['y', true],
  ])('%j', async (typed, consent) => {
    const { stdin, answer } = ask();
    stdin.end(typed);
    expect(await answer).toBe(consent);
  });

  it('ends with the first interrupt, and when nobody answers', async () => {
    const { source, answer } = ask();
    source.emit('SIGINT');
    await expect(answer).rejects.toMatchObject({ code: 'cli/interrupted' });
    const { stdin, answer: none } = ask();
    stdin.end();
    expect(await none).toBe(false);
  });
});
