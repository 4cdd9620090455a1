// One run of gantry-fs, its output streamed or collected, its failure taken apart. What a failure means is said by the
// caller.
import type { ChildProcess } from 'node:child_process';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import { GantryError } from '../base/error.ts';
import { startProcess } from '../base/process.ts';

/** What gantry-fs says when it fails: a step, an errno name and the path it was about. */
export interface FsFailure {
  readonly step: string;
  readonly errno: string;
  readonly path: string;
}

/** A program that runs, its output to be read. */
export interface FsJob {
  readonly output: Readable;
  /** What it wrote to stderr: a failure, or numbers where stdout is an archive. */
  readonly said: Promise<string>;
  /**
   * Undefined when it ended well. Rejects when the signal was raised, its input broke off, or
   * it can't be run.
   */
  readonly ended: Promise<FsFailure | undefined>;
  /** Settles as soon as the process is gone, read to its end or not; never rejects. */
  readonly gone: Promise<void>;
  /** Ends it; a job that has ended stays as it is. */
  readonly stop: () => void;
}

/** What a job is given. */
export interface FsOptions {
  /** Fed while it runs; or an open file it reads itself. */
  readonly input?: Readable | number;
  readonly signal?: AbortSignal;
}

/** Starts gantry-fs. */
export function startFs(program: string, args: readonly string[], { input, signal }: FsOptions): FsJob {
  const child = startProcess(program, args, {
    stdio: [input === undefined ? 'ignore' : typeof input === 'number' ? input : 'pipe', 'pipe', 'pipe'],
    env: {},
    cwd: '/',
    ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' }),
  });
  const { stdout, stderr, stdin } = child;
  if (stdout === null || stderr === null) throw new Error('a child without its pipes');
  const fed = typeof input !== 'object' || stdin === null ? undefined : pipeline(input, stdin).then(settled, asError);
  const said = text(stderr);
  const ended = Promise.all([said, exitOf(child), fed]).then(([words, status, feedFailure]) => {
    signal?.throwIfAborted();
    // the feeder's failure is the cause when the archive then looks cut short; otherwise it only met a closed pipe
    if (feedFailure !== undefined && (status === 0 || words.startsWith('truncated'))) throw feedFailure;
    return status === 0 ? undefined : parseFailure(words);
  });
  ended.catch(settled);
  return { output: stdout, said, ended, gone: goneOf(child), stop: () => void child.kill('SIGKILL') };
}

/** The whole output of a job, which the caller knows to be small, or why it failed. */
export async function outcome({ output, ended }: FsJob): Promise<Buffer | FsFailure> {
  const [bytes, failure] = await Promise.all([buffer(output), ended]);
  return failure ?? bytes;
}

/** `STEP ERRNO PATH`, as it is on stderr. */
function parseFailure(line: string): FsFailure {
  const [step = '', errno = '0', ...rest] = line.trim().split(' ');
  return {
    step,
    errno: Number(errno) > 0 ? getSystemErrorName(-Number(errno)) : 'ECANCELED',
    path: rest.join(' '),
  };
}

function settled(): undefined {
  return undefined;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

async function goneOf(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  child.once('exit', () => resolve(undefined));
  child.once('error', () => {
    if (child.pid === undefined) resolve(undefined);
  });
  await promise;
}

/** The status gantry-fs ends with. One that is aborted is waited for too: until it is gone it holds files and mounts. */
async function exitOf(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', (cause) => {
    if (child.pid !== undefined) return;
    reject(new GantryError('base/process-failed', `cannot run gantry-fs: ${cause.message}`, { cause }));
  });
  child.once('close', (code) => resolve(code ?? 128));
  return await promise;
}
