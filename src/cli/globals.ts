// Flags that stand before the verb, for all verbs.
import type { Command } from './args/command.ts';
import { GantryError } from '../base/error.ts';
import type { Env } from '../base/env.ts';
import type { Ansi } from './output/ansi.ts';
import { collect } from './flags.ts';
import type { ProgressMode } from './output/progress.ts';

/** The global flags as given. */
export interface GlobalFlags {
  readonly file?: readonly string[];
  readonly projectName?: string;
  readonly projectDirectory?: string;
  /** The old name of it. */
  readonly workdir?: string;
  readonly envFile?: readonly string[];
  readonly profile?: readonly string[];
  readonly parallel?: string;
  readonly progress?: string;
  /** False with `--no-ansi`. */
  readonly ansi?: string | false;
  readonly compatibility?: boolean;
  readonly dryRun?: boolean;
  readonly host?: string;
  readonly allResources?: boolean;
  readonly version?: boolean;
}

/** Adds the global flags to the program. */
export function defineGlobals(program: Command): void {
  program
    .option('-f, --file <path>', 'compose file, repeatable; - is standard input', collect)
    .option('-p, --project-name <name>', 'project name')
    .option('--project-directory <dir>', 'folder that relative paths start from')
    .option('--env-file <path>', 'file of variables instead of .env, repeatable', collect)
    .option('--profile <name>', 'switch a profile on, repeatable; * is all', collect)
    .option('--all-resources', 'keep networks and volumes that no service uses')
    .option('--parallel <n>', 'how many engine calls at a time, -1 for no limit')
    .option('--progress <mode>', 'auto, tty, plain, json or quiet')
    .option('--ansi <when>', 'auto, never or always')
    .option('--dry-run', 'show what would be done and do nothing')
    .option('-v, --version', 'print the version')
    .option('-H, --host <address>', 'engine to use: unix:///path or tcp://host:port')
    .option('--compatibility', '')
    .option('--workdir <dir>', '')
    .option('--no-ansi', '')
    .option('--verbose', '');
}

/** `--project-directory`, also by its old name. */
export function projectDirectoryOf({ projectDirectory, workdir }: GlobalFlags): string | undefined {
  if (projectDirectory !== undefined && workdir !== undefined)
    throw new GantryError('usage/invalid-flag', '--workdir is the old name of --project-directory: give one of them');
  return projectDirectory ?? workdir;
}

/** Throws usage/invalid-flag for what docker compose has and gantry has not. */
export function refuseGlobals({ compatibility }: GlobalFlags): void {
  if (compatibility !== true) return;
  throw new GantryError(
    'usage/invalid-flag',
    '--compatibility is not supported: names are joined by "-", never by "_"',
  );
}

/** Calls at a time when nobody says. More only queue up inside an engine. */
const PARALLEL = 64;

/** `--parallel` or COMPOSE_PARALLEL_LIMIT. */
export function parallelOf(flags: GlobalFlags, env: Env): number {
  const text = flags.parallel ?? env['COMPOSE_PARALLEL_LIMIT'];
  if (text === undefined || text === '') return PARALLEL;
  const number = Number(text);
  if (!Number.isInteger(number) || number === 0 || number < -1) {
    throw new GantryError('usage/invalid-flag', `--parallel ${text} is no positive number and not -1`);
  }
  return number === -1 ? Number.MAX_SAFE_INTEGER : number;
}

const MODES: ReadonlySet<string> = new Set(['auto', 'tty', 'plain', 'json', 'quiet']);

/** `--progress` or COMPOSE_PROGRESS. */
export function progressOf(flags: GlobalFlags, env: Env): ProgressMode {
  const text = flags.progress ?? env['COMPOSE_PROGRESS'] ?? 'auto';
  const mode = text === 'none' ? 'quiet' : text;
  if (!MODES.has(mode))
    throw new GantryError('usage/invalid-flag', `--progress ${text}: use auto, tty, plain, json or quiet`);
  return mode as ProgressMode;
}

/** `--ansi` or COMPOSE_ANSI; NO_COLOR means never. */
export function ansiOf(flags: GlobalFlags, env: Env): Ansi {
  const text = flags.ansi === false ? 'never' : (flags.ansi ?? env['COMPOSE_ANSI'] ?? 'auto');
  if (text !== 'auto' && text !== 'never' && text !== 'always') {
    throw new GantryError('usage/invalid-flag', `--ansi ${text}: use auto, never or always`);
  }
  return text === 'auto' && (env['NO_COLOR'] ?? '') !== '' ? 'never' : text;
}
