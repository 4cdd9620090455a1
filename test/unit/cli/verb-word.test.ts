// Every verb has its compiled form; what stands before a verb must not be taken for one.
import { describe, expect, it } from 'vitest';
import { Command } from '../../../src/cli/args/command.ts';
import { defineGlobals } from '../../../src/cli/globals.ts';
import { verbWord } from '../../../src/cli/verb-word.ts';

describe('the verb of a command line', () => {
  it.each([
    [['up', '-d', 'web'], 'up'],
    [['docker', 'run', 'busybox'], 'docker-run'],
    [['image', 'import', '-', 'name'], 'image-import'],
    [['--dry-run', 'down'], 'down'],
    [['--project-name=shop', 'ps'], 'ps'],
    [['--help'], ''],
    [[], ''],
  ])('%j is %j', (args, verb) => {
    expect(verbWord(args)).toBe(verb);
  });

  it('is no value of a global flag', () => {
    const program = new Command('gantry');
    defineGlobals(program);
    const valued = program.flags.filter(({ value }) => value !== '');
    for (const flag of valued.flatMap(({ short, long }) => [short ?? long, long]))
      expect(verbWord([flag, 'shop', 'up']), flag).toBe('up');
    expect(valued.length).toBeGreaterThan(8);
  });
});
