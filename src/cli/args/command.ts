// Describes a command: its arguments, flags and the commands below it. Our own, since a library for this loads
// child_process and more at every start, which costs as long as the rest of a short command.

/** A flag. */
export interface Flag {
  /** `-f`. */
  readonly short: string | undefined;
  /** `--file`; of a negative flag the whole `--no-deps`. */
  readonly long: string;
  /** The name in the object of flags: `file`, `envFile`; of `--no-deps` it is `deps`. */
  readonly key: string;
  readonly negative: boolean;
  /** Text for the help, "" for flags without a value. */
  readonly value: string;
  /** For the help; "" leaves the flag out of it. */
  readonly text: string;
  /** Joins a value with those before it. */
  readonly collect: Collect | undefined;
  readonly preset: unknown;
}

/** A positional argument. */
export interface Argument {
  readonly name: string;
  readonly required: boolean;
  readonly variadic: boolean;
}

/** What a repeatable flag does with a further value. */
export type Collect = (value: string, before: readonly string[] | undefined) => readonly string[];

type Action = (...values: never[]) => void;

/** A command under construction; the methods give it back. */
export class Command {
  readonly name: string;
  readonly flags: Flag[] = [];
  readonly parameters: Argument[] = [];
  readonly below: Command[] = [];
  readonly names: string[];
  summary = '';
  /** Left out of the help. */
  isHidden = false;
  /** Words behind the first argument are all arguments, also those with dashes. */
  passesThrough = false;
  /** Flags that are not known are arguments. */
  takesUnknown = false;
  run: Action | undefined;

  constructor(name: string) {
    this.name = name;
    this.names = [name];
  }

  description(text: string): this {
    this.summary = text;
    return this;
  }

  hidden(isHidden = true): this {
    this.isHidden = isHidden;
    return this;
  }

  aliases(names: readonly string[]): this {
    this.names.push(...names);
    return this;
  }

  /** `<needed>`, `[maybe]`, `<some...>` or `[any...]`. */
  argument(spec: string): this {
    const variadic = spec.includes('...');
    this.parameters.push({ name: spec.replace(/[<>[\].]/g, ''), required: spec.startsWith('<'), variadic });
    return this;
  }

  /** `-f, --file <path>`, `--quiet`, `--no-deps`; a preset counts when the flag is not given. */
  option(spec: string, text: string, more?: Collect | string): this {
    const [, short, long = '', value = ''] = /^(?:(-\w), )?(--[\w-]+)(?: <(.+)>)?$/.exec(spec) ?? [];
    const negative = long.startsWith('--no-');
    const key = camel(long.slice(negative ? '--no-'.length : 2));
    const collect = typeof more === 'function' ? more : undefined;
    this.flags.push({
      short,
      long,
      key,
      negative,
      value,
      text,
      collect,
      preset: typeof more === 'string' ? more : undefined,
    });
    return this;
  }

  passThroughOptions(): this {
    this.passesThrough = true;
    return this;
  }

  allowUnknownOption(): this {
    this.takesUnknown = true;
    return this;
  }

  /** Gets one value for each argument, then the flags. */
  action(run: Action): this {
    this.run = run;
    return this;
  }

  /** Adds a command below this one. */
  command(name: string): Command {
    const below = new Command(name);
    this.below.push(below);
    return below;
  }
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
