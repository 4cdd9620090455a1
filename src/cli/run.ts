// Reads the arguments, loads the verb, runs it and turns what is thrown into a message and an exit code.
import { Command, CommanderError } from 'commander';
import { GantryError, isGantryError } from '../base/error.ts';
import { VERSION } from '../base/version.ts';
import { createContext, type ContextInput } from './context.ts';
import { ansiOf, defineGlobals, WITH_VALUE, type GlobalFlags } from './globals.ts';
import { isTerminal } from './io.ts';
import { exitCodeOf, formatError } from './output/errors.ts';
import type { VerbWork } from './verb.ts';
import { VERBS } from './verbs.ts';

/** Everything of a context but the flags, which are read here. */
export type CliInput = Omit<ContextInput, 'flags'>;

/** Runs one command line; gives the exit code. Never rejects. */
export async function runCli(argv: readonly string[], input: CliInput): Promise<number> {
  const program = createProgram(input);
  try {
    const { work } = await parse(program, argv);
    return work === undefined ? 0 : await runWork(work, { ...input, flags: program.opts<GlobalFlags>() });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    return report(error, program.opts<GlobalFlags>(), input);
  }
}

function createProgram(input: CliInput): Command {
  const program = new Command('gantry')
    .description('Runs compose files with its own container engine')
    .usage('[flags] <verb> [arguments]')
    .version(`gantry ${VERSION}`, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void input.io.stdout.write(text),
      writeErr: (text) => void input.io.stderr.write(text.replace(/^error: /, 'gantry: ')),
    });
  defineGlobals(program);
  return program;
}

/** Gives the work of the verb that the arguments name; none when help was asked for and printed. */
async function parse(program: Command, argv: readonly string[]): Promise<{ work: VerbWork | undefined }> {
  const name = verbName(argv);
  let work: VerbWork | undefined;
  const verb = name === undefined ? undefined : VERBS[name];
  if (name !== undefined && verb !== undefined) {
    const command = program.command(name).description(verb.summary).copyInheritedSettings(program);
    (await verb.load())(command, (begun) => (work = begun));
  } else {
    for (const [key, { summary, hidden }] of Object.entries(VERBS))
      program.command(key, { hidden: hidden ?? false }).description(summary);
    if (name !== undefined) throw await unknownVerb(name);
    if (!argv.some((word) => ['-h', '--help', '-v', '--version'].includes(word)))
      program.help({ error: argv.length > 0 });
  }
  await program.parseAsync(argv, { from: 'user' });
  return { work };
}

/** The first word that is neither a flag nor the value of one. */
function verbName(argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (!word.startsWith('-')) return word;
    if (WITH_VALUE.has(word)) index += 1;
  }
  return undefined;
}

async function unknownVerb(name: string): Promise<GantryError> {
  const { didYouMean } = await import('../compose/attributes/suggest.ts');
  return new GantryError('usage/unknown-command', `"${name}" is no gantry command`, {
    hint: didYouMean(name, Object.keys(VERBS)) ?? 'gantry --help lists them',
  });
}

async function runWork(work: VerbWork, input: ContextInput): Promise<number> {
  const context = createContext(input);
  try {
    return (await work(context)) ?? 0;
  } catch (error) {
    const interrupted = input.interrupts.signal.aborted && isGantryError(error, 'base/aborted');
    return report(interrupted ? new GantryError('cli/interrupted', 'interrupted') : error, input.flags, input);
  } finally {
    context.close();
  }
}

function report(error: unknown, flags: GlobalFlags, input: CliInput): number {
  const { stderr } = input.io;
  if (flags.progress === 'json' && isGantryError(error)) {
    stderr.write(`${JSON.stringify({ error: true, code: error.code, message: error.message })}\n`);
  } else stderr.write(formatError(error, wantsColor(flags, input)));
  return exitCodeOf(error);
}

/** A wrong --ansi may be what is being reported. */
function wantsColor(flags: GlobalFlags, input: CliInput): boolean {
  if (flags.ansi !== undefined && !['auto', 'never', 'always'].includes(flags.ansi)) return false;
  const ansi = ansiOf(flags, input.env);
  return ansi === 'always' || (ansi === 'auto' && isTerminal(input.io.stderr));
}
