// Says in Docker's words what a {step, errno, path} from the C code means, and which exit code it stands for. The one
// place for such wording; clients match some of it (the docker command line makes 126 and 127 of it).
import { GantryError } from '../../base/error.ts';
import { errnoName, errnoText, failureOf, type Failure } from './failure.ts';
import type { Step } from './records.ts';

/** A failed start or exec: what to tell the client and what to note in the container. */
export interface StartFailure {
  readonly error: GantryError;
  /** 126 not executable, 127 not found, 128 anything else. */
  readonly exitCode: number;
}

/** What was to be run, for the words. */
export interface StartContext {
  readonly argv: readonly string[];
  readonly user: string;
  readonly cwd: string;
}

const CREATE_PREFIX =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runtime create failed: unable to start container process: ';
const EXEC_PREFIX = 'OCI runtime exec failed: exec failed: unable to start container process: ';
/** Docker ends such messages so; clients cut it off. */
const SUFFIX = ': unknown';
const MISMATCH =
  'not a directory: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type';
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;
const OTHER = 128;

/** A start that failed, as Docker says it. Errors without a failure from C keep their words. */
export function startFailure(error: unknown, context: StartContext): StartFailure {
  return worded(error, context, CREATE_PREFIX);
}

/** The same for an exec. */
export function execFailure(error: unknown, context: StartContext): StartFailure {
  return worded(error, context, EXEC_PREFIX);
}

function worded(error: unknown, context: StartContext, prefix: string): StartFailure {
  const failure = failureOf(error);
  if (failure === undefined) return { error: asGantryError(error), exitCode: OTHER };
  // an unknown user is looked up before a task is made, so Docker says it bare
  const words = describe(failure, context);
  const message = failure.step === 'user' ? words : `${prefix}${words}${SUFFIX}`;
  const exitCode = exitCodeOf(failure);
  const code = exitCode === OTHER ? 'runtime/start-failed' : 'engine/bad-parameter';
  return { error: new GantryError(code, message, { cause: error, details: { failure } }), exitCode };
}

function asGantryError(error: unknown): GantryError {
  if (error instanceof GantryError) return error;
  return new GantryError('engine/internal', error instanceof Error ? error.message : String(error), { cause: error });
}

type Words = (failure: Failure, context: StartContext) => string;

const WORDS: Partial<Record<Step, Words>> = {
  exec: (failure, { argv }) => execWords(failure, argv[0] ?? ''),
  user: (failure, { user }) => userWords(failure, user),
  workdir: ({ errno, path }, { cwd }) =>
    `chdir to cwd ("${path === '' ? cwd : path}") set in config.json failed: ${errnoText(errno)}`,
  mount: ({ errno, path }) => `error mounting "${path}" to rootfs: ${isMismatch(errno) ? MISMATCH : errnoText(errno)}`,
  overlay: ({ errno, path }) => `error mounting "${path}" to rootfs: ${errnoText(errno)}`,
  mask: ({ errno, path }) => `error hiding "${path}": ${errnoText(errno)}`,
  device: ({ errno, path }) => `error creating device node "${path}": ${errnoText(errno)}`,
  sysctl: ({ errno, path }) => `write sysctl key ${path}: ${errnoText(errno)}`,
  cgroup: ({ errno, path }) => `unable to apply cgroup configuration: ${path}: ${errnoText(errno)}`,
  rlimit: ({ errno }) => `error setting rlimit: ${errnoText(errno)}`,
  listen: ({ errno, path }) => `listen ${path}: bind: ${errnoText(errno)}`,
};

/** The failure in words, without prefix. */
export function describe(failure: Failure, context: StartContext): string {
  const words = WORDS[failure.step];
  if (words !== undefined) return words(failure, context);
  return `${failure.step}${failure.path === '' ? '' : ` ${failure.path}`}: ${errnoText(failure.errno)}`;
}

/** A file bound over a folder, or the reverse. */
function isMismatch(errno: number): boolean {
  return ['ENOTDIR', 'EISDIR', 'EEXIST'].includes(errnoName(errno));
}

function execWords({ errno }: Failure, name: string): string {
  if (errnoName(errno) === 'ENOENT' && !name.includes('/'))
    return `exec: "${name}": executable file not found in $PATH`;
  if (errnoName(errno) === 'ENOENT') return `exec: "${name}": stat ${name}: no such file or directory`;
  if (errnoName(errno) === 'ENOTDIR') return `exec: "${name}": stat ${name}: not a directory`;
  if (errnoName(errno) === 'EISDIR') return `exec: "${name}": is a directory`;
  if (errnoName(errno) === 'EACCES') return `exec: "${name}": permission denied`;
  return `exec ${name}: ${errnoName(errno) === 'ENOEXEC' ? 'exec format error' : errnoText(errno)}`;
}

/** The C code names what it looked for, a group with a colon before it. */
function userWords({ errno, path }: Failure, user: string): string {
  const isGroup = path.startsWith(':');
  const name = isGroup ? path.slice(1) : path;
  switch (errnoName(errno)) {
    case 'ERANGE':
      return 'uids and gids must be in range 0-2147483647';
    case 'ENOENT':
      return `unable to find ${isGroup ? 'group' : 'user'} ${name}: no matching entries in ${isGroup ? 'group' : 'passwd'} file`;
    default:
      return `user "${user}": ${path}: ${errnoText(errno)}`;
  }
}

function exitCodeOf({ step, errno }: Failure): number {
  const name = errnoName(errno);
  if (step === 'exec')
    return name === 'ENOENT' || name === 'ENOTDIR'
      ? NOT_FOUND
      : ['EACCES', 'EISDIR', 'ENOEXEC', 'EPERM'].includes(name)
        ? NOT_EXECUTABLE
        : OTHER;
  if (step === 'mount' && isMismatch(errno)) return NOT_FOUND;
  return OTHER;
}
