// The one home of child processes. Programs are run by absolute path or PATH with an argument list, never by a shell.
import { execFile, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { GantryError } from './error.ts';

/** What a finished program left. */
export interface ProcessResult {
  /** The exit status, or 128 + signal number. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run a program. */
export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Cap on each of stdout and stderr in bytes; more is an error. Default 16 MiB. */
  readonly maxOutput?: number;
}

const MAX_OUTPUT = 16 * 1024 * 1024;

/** Runs a program to its end; a non-zero status is no error here. Throws base/process-failed when it can't be run. */
export async function runProcess(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ProcessResult> {
  const { execa } = await import('execa');
  const result = await execa(file, args, {
    reject: false,
    stripFinalNewline: false,
    maxBuffer: options.maxOutput ?? MAX_OUTPUT,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env, extendEnv: false }),
    ...(options.signal === undefined ? {} : { cancelSignal: options.signal }),
  });
  if (result.isMaxBuffer)
    throw new GantryError('base/process-failed', `cannot run ${file}: it says too much`, { cause: result });
  if (result.isCanceled) throw new GantryError('base/aborted', `${file}: aborted`, { cause: result });
  if (result.exitCode === undefined) {
    throw new GantryError('base/process-failed', `cannot run ${file}: ${result.shortMessage ?? 'ended by a signal'}`, {
      cause: result,
    });
  }
  return { status: result.exitCode, stdout: result.stdout, stderr: result.stderr };
}

/** Runs a program and gives its stdout; a non-zero status throws base/process-failed with its last words. */
export async function runChecked(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const result = await runProcess(file, args, options);
  if (result.status !== 0) {
    const words = result.stderr.trim().split('\n').slice(-3).join('; ');
    throw new GantryError(
      'base/process-failed',
      `${file} ${args[0] ?? ''} failed with status ${result.status}: ${words}`,
    );
  }
  return result.stdout;
}

/** As `runProcess`, for small programs on the way of every container: leaves out what execa adds, some milliseconds. */
export async function runSmall(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ProcessResult> {
  return await new Promise((resolve, reject) => {
    const { input, cwd, env, signal, maxOutput: maxBuffer = MAX_OUTPUT } = options;
    const child = execFile(file, args, { cwd, env, signal, maxBuffer }, (error, stdout, stderr) => {
      if (error === null) resolve({ status: 0, stdout, stderr });
      else if (typeof error.code === 'number') resolve({ status: error.code, stdout, stderr });
      else if (error.name === 'AbortError')
        reject(new GantryError('base/aborted', `${file}: aborted`, { cause: error }));
      else reject(new GantryError('base/process-failed', `cannot run ${file}: ${error.message}`, { cause: error }));
    });
    child.stdin?.on('error', () => undefined); // it ended before it read all: its status tells
    child.stdin?.end(input);
  });
}

/** Starts a long-lived child whose pipes the caller wires itself (the zygote, a daemon). */
export function startProcess(file: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  return spawn(file, args, options);
}
