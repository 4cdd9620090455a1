// Reads the arguments, loads the verb, runs it and turns what is thrown into a message and an exit code.
import { CODES } from '../base/codes.ts';
import { GantryError, isGantryError } from '../base/error.ts';
import { VERSION } from '../base/version.ts';
import { explainLoss } from '../client/errors.ts';
import { createContext, type ContextInput } from './context.ts';
import { Command } from './args/command.ts';
import { callAction, parseWords, type Parsed } from './args/parse.ts';
import { ansiOf, defineGlobals, type GlobalFlags } from './globals.ts';
import { isTerminal } from './io.ts';
import { exitCodeOf, formatError } from './output/errors.ts';
import type { VerbTable, VerbWork } from './verb.ts';
import { isComposeVerb, VERBS } from './verbs.ts';

/** Everything of a context but the flags, which are read here. */
export type CliInput = Omit<ContextInput, 'flags'>;

/** Runs one command line; gives the exit code. Never rejects. */
export async function runCli(given: readonly string[], input: CliInput): Promise<number> {
  // `help up` is `up --help`
  const argv = given[0] === 'help' ? [...given.slice(1), '--help'] : given;
  const program = new Command('gantry').description('runs compose files with its own container engine');
  defineGlobals(program);
  let flags: GlobalFlags = {};
  const fromDaemon = VERBS[argv[verbAt(program, argv)] ?? '']?.below !== undefined;
  try {
    const { parsed, work } = await parse(program, argv);
    flags = parsed.flags[0] ?? {};
    const isGroup = parsed.path.at(-1)?.run === undefined;
    if (parsed.wantsHelp || (isGroup && flags.version !== true)) return await help(parsed, input, argv.length);
    if (flags.version === true) input.io.stdout.write(`gantry version ${VERSION}\n`);
    if (work === undefined) return 0;
    flags = withDryRun(parsed);
    return await runWork(work, { ...input, flags }, fromDaemon);
  } catch (error) {
    return report(error, flags, { ...input, fromDaemon });
  }
}

/** The global flags; `--dry-run` may stand before and behind a verb. Throws usage/invalid-flag where there is none. */
function withDryRun({ flags: [before = {}, ...behind], path: [, verb] }: Parsed): GlobalFlags {
  const dryRun = before['dryRun'] === true || behind.some((flags) => flags['dryRun'] === true);
  if (dryRun && !isComposeVerb(verb?.name ?? ''))
    throw new GantryError('usage/invalid-flag', `${verb?.name ?? ''}: only verbs of projects have --dry-run`);
  return { ...before, dryRun };
}

interface Reading {
  readonly parsed: Parsed;
  readonly work: VerbWork | undefined;
}

/** Reads the words up to the verb, loads its code, and reads the rest by its flags. */
async function parse(program: Command, argv: readonly string[]): Promise<Reading> {
  let work: VerbWork | undefined;
  await describe({ command: program, verbs: VERBS, path: '' }, argv, (begun) => (work = begun));
  const parsed = parseWords(program, argv);
  if (!parsed.wantsHelp && parsed.path.at(-1)?.run !== undefined) callAction(parsed);
  return { parsed, work };
}

interface Level {
  readonly command: Command;
  readonly verbs: VerbTable;
  /** Names of the groups so far, each with a blank behind. */
  readonly path: string;
}

/** Describes the verbs of a level, and goes down to the one that is called. */
async function describe(level: Level, argv: readonly string[], begin: (work: VerbWork) => void): Promise<void> {
  const { command, verbs, path } = level;
  for (const [name, { summary, hidden = false, aliases = [] }] of Object.entries(verbs))
    command.command(name).description(summary).hidden(hidden).aliases(aliases);
  const at = verbAt(command, argv);
  const name = argv[at];
  if (name === undefined) return;
  const below = command.below.find((one) => one.names.includes(name));
  const row = below === undefined ? undefined : verbs[below.name];
  if (below === undefined || row === undefined) throw await unknownVerb(level, name);
  if (row.load !== undefined) {
    (await row.load())(below, begin);
    if (path === '' && isComposeVerb(below.name)) below.option('--dry-run', 'print what would be done and do nothing');
  }
  if (row.below !== undefined)
    await describe({ command: below, verbs: row.below, path: `${path}${below.name} ` }, argv.slice(at + 1), begin);
}

/** Where the first word is that is neither a flag nor the value of one; the count of words when there is none. */
function verbAt(command: Command, argv: readonly string[]): number {
  const withValue = new Set(
    command.flags.filter((flag) => flag.value !== '').flatMap(({ short, long }) => [short, long]),
  );
  let index = 0;
  while (index < argv.length && (argv[index] ?? '').startsWith('-')) index += withValue.has(argv[index]) ? 2 : 1;
  return index;
}

/** Help that nobody asked for, because the verb is missing, is a failure. */
async function help({ path, wantsHelp }: Parsed, input: CliInput, given: number): Promise<number> {
  const { helpText } = await import('./args/help.ts');
  (wantsHelp || given === 0 ? input.io.stdout : input.io.stderr).write(helpText(path));
  return wantsHelp || given === 0 ? 0 : 1;
}

async function unknownVerb({ verbs, path }: Level, name: string): Promise<GantryError> {
  const { didYouMean } = await import('../base/did-you-mean.ts');
  return new GantryError('usage/unknown-command', `"${name}" is no gantry ${path}command`, {
    hint: didYouMean(name, Object.keys(verbs)) ?? `gantry ${path}--help lists them`,
  });
}

async function runWork(work: VerbWork, input: ContextInput, fromDaemon: boolean): Promise<number> {
  const context = createContext(input);
  try {
    const code = (await work(context)) ?? 0;
    // what ends in its own way when it is interrupted, as `logs -f`, has been interrupted all the same
    return code === 0 && input.interrupts.signal.aborted ? INTERRUPTED : code;
  } catch (error) {
    return report(explain(error, input.interrupts.signal), input.flags, { ...input, fromDaemon });
  } finally {
    context.close();
  }
}

const INTERRUPTED = CODES['cli/interrupted'].exit;

/** What broke off because of a signal is no failure of the engine. */
function explain(error: unknown, signal: AbortSignal): unknown {
  const lost = explainLoss(error);
  const isAbort = error instanceof Error && error.name === 'AbortError';
  const isCut = isAbort || lost !== error || isGantryError(error, 'base/aborted');
  return signal.aborted && isCut ? new GantryError('cli/interrupted', 'interrupted', { cause: error }) : lost;
}

function report(error: unknown, flags: GlobalFlags, input: CliInput & { readonly fromDaemon: boolean }): number {
  const { stderr } = input.io;
  if (flags.progress === 'json' && isGantryError(error)) {
    stderr.write(`${JSON.stringify({ error: true, code: error.code, message: error.message })}\n`);
  } else stderr.write(formatError(error, { color: wantsColor(flags, input), fromDaemon: input.fromDaemon }));
  return exitCodeOf(error);
}

/** A wrong --ansi may be what is being reported. */
function wantsColor(flags: GlobalFlags, input: CliInput): boolean {
  const { ansi: given } = flags;
  if (typeof given === 'string' && !['auto', 'never', 'always'].includes(given)) return false;
  const ansi = ansiOf(flags, input.env);
  return ansi === 'always' || (ansi === 'auto' && isTerminal(input.io.stderr));
}
