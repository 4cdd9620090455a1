// Reading words: flags in all their spellings, verbs, and what is wrong with them.
import { describe, expect, it } from 'vitest';
import { Command } from '../../../src/cli/args/command.ts';
import { helpText } from '../../../src/cli/args/help.ts';
import { callAction, parseWords } from '../../../src/cli/args/parse.ts';
import { collect } from '../../../src/cli/flags.ts';

function program(): Command {
  const all = new Command('gantry').option('-f, --file <path>', 'file', collect).option('--ansi <when>', 'colours');
  const up = all.command('up').argument('[services...]');
  up.option('-d, --detach', 'd')
    .option('-t, --timeout <s>', 't')
    .option('--no-deps', 'n')
    .option('-V, --renew', 'v')
    .option('--no-renew', 'w');
  all
    .command('exec')
    .argument('<service>')
    .argument('<command...>')
    .passThroughOptions()
    .option('-T, --no-TTY', 'no tty')
    .option('-e, --env <x>', 'e', collect);
  all.command('image').command('ls').aliases(['list']).option('-s, --signal <s>', 's', 'KILL');
  return all;
}

describe('parseWords', () => {
  it.each([
    [['up', '-d', 'a', 'b'], { detach: true }, ['a', 'b']],
    [['up', 'a', '-d'], { detach: true }, ['a']],
    [['up', '-dV'], { detach: true, renew: true }, []],
    [['up', '-t', '5'], { timeout: '5' }, []],
    [['up', '-t5'], { timeout: '5' }, []],
    [['up', '-dt=5'], { detach: true, timeout: '5' }, []],
    [['up', '--timeout=5'], { timeout: '5' }, []],
    [['up', '--timeout', '-5'], { timeout: '-5' }, []],
    [['up', '--no-deps'], { deps: false }, []],
    [['up', '--detach=false'], { detach: false }, []],
    [['up', '-dV=false'], { detach: true, renew: false }, []],
    [['up', '--no-deps=false'], { deps: true }, []],
    [['exec', '-e=', 'web', 'x'], { env: [''] }, ['web', 'x']],
    [['up', '--renew', '--no-renew=false'], { renew: true }, []],
    [['up', '--renew', '--renew=false'], { renew: false }, []],
    [['up', '--', '-d'], {}, ['-d']],
    [['exec', '-T', 'web', 'ls', '-T', '--help'], { TTY: false }, ['web', 'ls', '-T', '--help']],
    [['exec', '-e', 'A=1', '-eB=2', 'web', 'x'], { env: ['A=1', 'B=2'] }, ['web', 'x']],
    [['image', 'list'], { signal: 'KILL' }, []],
  ])('%j', (words, flags, rest) => {
    const parsed = parseWords(program(), words);
    expect(parsed.flags.at(-1)).toEqual(flags);
    expect(parsed.words).toEqual(rest);
  });

  it("flags before the verb are the program's, and a verb may be like a value", () => {
    const { flags, path } = parseWords(program(), ['-f', 'up', '--file=b', 'up']);
    expect(flags[0]).toEqual({ file: ['up', 'b'] });
    expect(path.map((command) => command.name)).toEqual(['gantry', 'up']);
  });

  it.each([
    [['up', '--detatch'], 'unknown flag: --detatch', 'did you mean --detach?'],
    [['up', '-x'], 'unknown flag: -x', 'gantry up --help lists them'],
    [['up', '-dx'], 'unknown flag: -x', 'gantry up --help lists them'],
    [['up', '--renew', '--no-renew'], '--renew and --no-renew cannot be used together', undefined],
    [['up', '-t'], 'flag needs a value: --timeout <s>', undefined],
    [['image', 'nope'], '"nope" is no image command', 'gantry image --help'],
  ])('%j is refused', (words, message, hint) => {
    expect(() => parseWords(program(), words)).toThrow(expect.objectContaining({ message, hint }) as Error);
  });
});

describe('callAction', () => {
  it('gives one value for each argument, then the flags', () => {
    const all = program();
    let got: unknown[] = [];
    all.below[1]?.action((...values: unknown[]) => (got = values));
    callAction(parseWords(all, ['exec', 'web', 'ls', '-l']));
    expect(got).toEqual(['web', ['ls', '-l'], {}]);
  });

  it('misses and counts arguments', () => {
    const all = program();
    all.below[1]?.action(() => undefined);
    all.below[2]?.below[0]?.action(() => undefined);
    expect(() => callAction(parseWords(all, ['exec', 'web']))).toThrow('argument command is missing');
    expect(() => callAction(parseWords(all, ['image', 'ls', 'x']))).toThrow('"image ls" accepts no arguments.');
  });
});

it('help shows usage, flags and commands', () => {
  const all = program();
  expect(helpText([all, ...all.below.slice(0, 1)])).toMatch(
    /^Usage: gantry up \[flags\] \[services\.\.\.\]\n[^]*-d, --detach/,
  );
  expect(helpText([all])).toContain('Commands:');
});
