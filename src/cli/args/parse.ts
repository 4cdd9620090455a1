// Reads words by the description of a command: flags before the verb belong to the program, those behind it to the verb.
import { GantryError } from '../../base/error.ts';
import type { Command, Flag } from './command.ts';

/** What words mean. */
export interface Parsed {
  /** The command found, the program itself first. */
  readonly path: readonly Command[];
  /** Flags of each command of the path. */
  readonly flags: readonly Readonly<Record<string, unknown>>[];
  /** Arguments of the last one. */
  readonly words: readonly string[];
  readonly wantsHelp: boolean;
}

/** Reads the words; throws usage/invalid-flag or usage/unknown-command. Calls nothing. */
export function parseWords(program: Command, words: readonly string[]): Parsed {
  const reader = new Reader(program, words);
  return reader.read();
}

/** Calls the action of the command found with its arguments and flags. */
export function callAction({ path, flags, words }: Parsed): void {
  const command = path.at(-1);
  if (command?.run === undefined)
    throw new GantryError('usage/unknown-command', `${command?.name ?? ''}: say what to do`);
  checkCount(path, command, words);
  const values: unknown[] = [];
  let at = 0;
  for (const { variadic } of command.parameters) {
    values.push(variadic ? words.slice(at) : words[at]);
    at = variadic ? words.length : at + 1;
  }
  (command.run as (...all: unknown[]) => void)(...values, flags.at(-1));
}

/** Throws usage/invalid-flag for too few or too many arguments; in a group of Docker's verbs with Docker's words. */
function checkCount(path: readonly Command[], command: Command, words: readonly string[]): void {
  const least = command.parameters.filter(({ required }) => required).length;
  const most = command.parameters.some(({ variadic }) => variadic) ? Infinity : command.parameters.length;
  if (words.length >= least && words.length <= most) return;
  const name = path
    .slice(1)
    .map((one) => one.name)
    .join(' ');
  const hint = `gantry ${name} --help`;
  const missing = command.parameters[words.length]?.name ?? '';
  const problem =
    path.length > 2
      ? `"${name}" ${countText(least, most)}.`
      : words.length < least
        ? `${name}: argument ${missing} is missing`
        : `${name}: too many arguments: ${words.slice(most).join(' ')}`;
  throw new GantryError('usage/invalid-flag', problem, { hint, details: { exitCode: 1 } });
}

function countText(least: number, most: number): string {
  const plural = (count: number): string => `${count} argument${count === 1 ? '' : 's'}`;
  if (most === 0) return 'accepts no arguments';
  if (least === most) return `requires exactly ${plural(least)}`;
  if (most === Infinity) return `requires at least ${plural(least)}`;
  return least === 0 ? `requires at most ${plural(most)}` : `requires at least ${least} and at most ${plural(most)}`;
}

class Reader {
  readonly #words: readonly string[];
  readonly #path: Command[];
  readonly #flags: Record<string, unknown>[];
  readonly #arguments: string[] = [];
  /** Flags without a value as given, to find those that contradict each other. */
  readonly #switches = new Map<Flag, boolean>();
  #at = 0;
  #help = false;

  constructor(program: Command, words: readonly string[]) {
    this.#words = words;
    this.#path = [program];
    this.#flags = [presets(program)];
  }

  read(): Parsed {
    while (this.#at < this.#words.length) {
      const word = this.#words[this.#at] ?? '';
      this.#at += 1;
      if (word === '--') this.#takeRest();
      else if (word.startsWith('--')) this.#long(word);
      else if (word.startsWith('-') && word.length > 1) this.#cluster(word);
      else this.#positional(word);
    }
    return { path: this.#path, flags: this.#flags, words: this.#arguments, wantsHelp: this.#help };
  }

  get #command(): Command {
    const command = this.#path.at(-1);
    if (command === undefined) throw new Error('a path begins with the program');
    return command;
  }

  #takeRest(): void {
    this.#arguments.push(...this.#words.slice(this.#at));
    this.#at = this.#words.length;
  }

  #positional(word: string): void {
    const command = this.#command;
    const below = command.below.find((at) => at.names.includes(word));
    if (below !== undefined) {
      this.#path.push(below);
      this.#flags.push(presets(below));
    } else if (command.below.length > 0) {
      throw new GantryError('usage/unknown-command', `"${word}" is no ${command.name} command`, {
        hint: `gantry ${command.name} --help`,
      });
    } else {
      this.#arguments.push(word);
      if (command.passesThrough && this.#arguments.length >= command.parameters.filter((at) => !at.variadic).length)
        this.#takeRest();
    }
  }

  #long(word: string): void {
    const equals = word.indexOf('=');
    const name = equals < 0 ? word : word.slice(0, equals);
    if (name === '--help') this.#help = true;
    else {
      const flag = this.#command.flags.find((at) => at.long === name);
      if (flag === undefined) this.#unknown(word);
      else this.#set(flag, equals < 0 ? undefined : word.slice(equals + 1));
    }
  }

  /** `-it`, `-n5`, `-n=5`: flags without value may stand together, one with a value ends the word. */
  #cluster(word: string): void {
    for (let index = 1; index < word.length; index += 1) {
      const short = `-${word.charAt(index)}`;
      const flag = this.#command.flags.find((at) => at.short === short);
      const behind = word.slice(index + 1);
      const rest = behind.replace(/^=/, '');
      if (flag === undefined && short === '-h') this.#help = true;
      else if (flag === undefined) {
        this.#unknown(index === 1 ? word : short);
        return;
      } else if (flag.value !== '') {
        this.#set(flag, behind === '' ? undefined : rest);
        return;
      } else if (behind.startsWith('=')) {
        this.#set(flag, rest);
        return;
      } else this.#set(flag, undefined);
    }
  }

  #set(flag: Flag, inline: string | undefined): void {
    const flags = this.#flags.at(-1) ?? {};
    if (flag.value === '') {
      flags[flag.key] = this.#switch(flag, inline === undefined || isTrue(flag, inline));
      return;
    }
    const value = inline ?? this.#words[this.#at];
    if (value === undefined)
      throw new GantryError('usage/invalid-flag', `flag needs a value: ${flag.long} <${flag.value}>`);
    if (inline === undefined) this.#at += 1;
    flags[flag.key] =
      flag.collect === undefined ? value : flag.collect(value, flags[flag.key] as readonly string[] | undefined);
  }

  /** The value that the flag stands for. Throws usage/invalid-flag for `--build --no-build`. */
  #switch(flag: Flag, isOn: boolean): boolean {
    this.#switches.set(flag, isOn);
    const opposite = this.#command.flags.find((at) => at.key === flag.key && at.negative !== flag.negative);
    if (isOn && opposite !== undefined && this.#switches.get(opposite) === true)
      throw new GantryError('usage/invalid-flag', `${opposite.long} and ${flag.long} cannot be used together`);
    return flag.negative !== isOn;
  }

  #unknown(word: string): void {
    const command = this.#command;
    if (command.takesUnknown) {
      this.#arguments.push(word);
      return;
    }
    const near = nearFlag(command, word.replace(/=.*/, ''));
    const name = this.#path.slice(1).map((at) => `${at.name} `);
    throw new GantryError('usage/invalid-flag', `unknown flag: ${word.replace(/=.*/, '')}`, {
      hint: near === undefined ? `gantry ${name.join('')}--help lists them` : `did you mean ${near}?`,
      // Docker's own: a wrong flag must not look like the end of the program that was to run
      ...(this.#path.length > 2 ? { details: { exitCode: 125 } } : {}),
    });
  }
}

/** Go's words for true and false. */
function isTrue(flag: Flag, text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new GantryError('usage/invalid-flag', `${flag.long}=${text}: give true or false`);
}

function presets(command: Command): Record<string, unknown> {
  const given = command.flags.filter((flag) => flag.preset !== undefined);
  return Object.fromEntries(given.map((flag) => [flag.key, flag.preset]));
}

/** A flag that begins alike, or differs in one letter. */
function nearFlag(command: Command, word: string): string | undefined {
  if (!word.startsWith('--') || word.length < 4) return undefined;
  return command.flags
    .filter(({ text }) => text !== '')
    .map((flag) => flag.long)
    .find((long) => long.startsWith(word) || word.startsWith(long) || differByOne(long, word));
}

function differByOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let at = 0;
  while (at < a.length && a.charAt(at) === b.charAt(at)) at += 1;
  const [restA, restB] = [a.slice(at), b.slice(at)];
  return (
    restA.slice(1) === restB || restA === restB.slice(1) || restA.slice(1) === restB.slice(1) || swapped(restA, restB)
  );
}

const swapped = (a: string, b: string): boolean =>
  a.charAt(0) === b.charAt(1) && a.charAt(1) === b.charAt(0) && a.slice(2) === b.slice(2);
