// Runs further commands in a running container.
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { CreateExecBody, ExecInspect, StartExecBody } from '../../api/containers.ts';
import { encodeFrame, STREAMS } from '../../api/frames.ts';
import { GantryError, messageOf } from '../../base/error.ts';
import { attach, type Attached } from '../shim/attach-client.ts';
import { execFailure } from '../shim/errors.ts';
import { failureOf } from '../shim/failure.ts';
import { execPlan } from '../shim/launch-plan.ts';
import { connectStdio } from './attach-stdio.ts';
import type { Container } from './container.ts';
import { emit, pathsOf, type Containers } from './context.ts';
import { words } from './create/merge-config.ts';
import { execKey, type Exec } from './exec-types.ts';
import { mustDo } from './life-cycle.ts';

/** Ended execs that can still be inspected, of one container. */
const MAX_ENDED = 64;

/** An exec and the container it belongs to. */
export interface FoundExec {
  readonly container: Container;
  readonly exec: Exec;
}

/** Makes an exec; it does not run yet. Throws engine/conflict unless the container runs. */
export function createExec(containers: Containers, container: Container, body: CreateExecBody): string {
  mustDo('exec', container.record);
  const request = { ...body, Cmd: words(body.Cmd) };
  if (request.Cmd.length === 0) throw new GantryError('engine/bad-parameter', 'No exec command specified');
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const exec: Exec = {
    id: randomBytes(32).toString('hex'),
    containerId: container.id,
    request,
    ...{ status: 'created', pid: 0, exitCode: null, ended: promise },
    end(exitCode) {
      if (this.status === 'exited') return;
      this.status = 'exited';
      this.exitCode = exitCode;
      resolve(undefined);
      emit(containers, container, 'exec_die', { execID: this.id, exitCode: String(exitCode) });
    },
  };
  forgetOldest(container);
  container.execs.set(exec.id, exec);
  emit(containers, container, `exec_create: ${commandOf(request.Cmd)}`, { execID: exec.id });
  return exec.id;
}

/** As dockerd writes it in events: with a blank behind a program without arguments. */
function commandOf([program = '', ...args]: readonly string[]): string {
  return `${program} ${args.join(' ')}`;
}

/** Throws engine/not-found `No such exec instance: x`. */
export function findExec({ store }: Containers, id: string): FoundExec {
  for (const container of store.all()) {
    const exec = container.execs.get(id);
    if (exec !== undefined) return { container, exec };
  }
  throw new GantryError('engine/not-found', `No such exec instance: ${id}`);
}

/** Checks that it can be started; what fails later is told in the stream. */
export function claimExec({ container, exec }: FoundExec): void {
  if (exec.status !== 'created' || exec.pid !== 0)
    throw new GantryError('engine/conflict', `Error: Exec command ${exec.id} has already run`);
  mustDo('exec', container.record);
  exec.pid = -1;
}

/** Runs it with nobody attached. Throws engine/bad-parameter or runtime/… in Docker's words. */
export async function runDetached(containers: Containers, found: FoundExec, body: StartExecBody): Promise<void> {
  await launchExec(containers, found, body, async () => Promise.resolve());
}

/** Runs it with a client's connection as stdio, and resolves when its output has ended. */
export async function runAttached(
  containers: Containers,
  found: FoundExec,
  body: StartExecBody,
  client: Socket,
): Promise<void> {
  const { container, exec } = found;
  const { request } = exec;
  let shim: Attached | undefined;
  const streams = {
    stdin: request.AttachStdin === true,
    stdout: request.AttachStdout === true,
    stderr: request.AttachStderr === true,
  };
  try {
    await launchExec(containers, found, body, async () => {
      shim = await attach(pathsOf(containers, container.id).run, streams, { exec: execKey(exec.id) });
    });
  } catch (error) {
    shim?.output.destroy();
    shim?.input?.destroy();
    const words = Buffer.from(`${messageOf(error)}\r\n`);
    client.end(request.Tty === true ? words : encodeFrame(STREAMS.stdout, words));
    return;
  }
  if (shim === undefined) return;
  const detachKeys = request.Tty === true ? (request.DetachKeys ?? '') : undefined;
  const end = await connectStdio(client, shim, { stdin: streams.stdin, detachKeys, closeStdin: true }, exec.ended);
  if (end === 'detached') emit(containers, container, 'exec_detach', { execID: exec.id });
}

/** Changes the size of its terminal. */
export async function resizeExec({ container, exec }: FoundExec, size: { rows: number; cols: number }): Promise<void> {
  if (exec.status !== 'running') throw new GantryError('engine/conflict', `Exec ${exec.id} is not running`);
  try {
    await container.shim?.resize(size, execKey(exec.id));
  } catch (error) {
    // it ended between the look and the call
    if (failureOf(error)?.step !== 'noSuchExec') throw error;
    throw new GantryError('engine/conflict', `Exec ${exec.id} is not running`, { cause: error });
  }
}

/** What GET /exec/{id}/json shows. */
export function inspectExec({ container, exec }: FoundExec): ExecInspect {
  const { request } = exec;
  const [entrypoint = '', ...rest] = request.Cmd ?? [];
  return {
    ID: exec.id,
    Running: exec.status === 'running',
    ExitCode: exec.exitCode,
    ProcessConfig: {
      tty: request.Tty === true,
      entrypoint,
      arguments: rest,
      privileged: request.Privileged === true,
      ...(request.User ? { user: request.User } : {}),
    },
    OpenStdin: request.AttachStdin === true,
    OpenStderr: request.AttachStderr === true,
    OpenStdout: request.AttachStdout === true,
    CanRemove: false,
    ContainerID: container.id,
    DetachKeys: request.DetachKeys ?? '',
    Pid: Math.max(0, exec.pid),
  };
}

/** Prepares the process, lets the caller attach, then lets it run. */
export async function launchExec(
  containers: Containers,
  { container, exec }: FoundExec,
  body: StartExecBody,
  attached: () => Promise<void>,
): Promise<void> {
  const { shim, record } = container;
  const size = body.ConsoleSize ?? exec.request.ConsoleSize;
  const request = { ...exec.request, ConsoleSize: size };
  try {
    if (shim === undefined) throw new GantryError('engine/conflict', `container ${container.id} is not running`);
    await shim.execPrepare(
      execKey(exec.id),
      execPlan(request, { config: record.config, host: record.host, facts: containers.facts }),
    );
    await attached();
    exec.status = 'running';
    emit(containers, container, `exec_start: ${commandOf(request.Cmd ?? [])}`, { execID: exec.id });
    const pid = await shim.execGo(execKey(exec.id));
    exec.pid = pid;
  } catch (error) {
    const failure = execFailure(error, {
      argv: request.Cmd ?? [],
      user: request.User ?? '',
      cwd: request.WorkingDir ?? '',
    });
    // everything that hinders an exec is 126 to its client, but for a program that is not there
    exec.end(failure.exitCode === 127 ? 127 : 126);
    throw failure.error;
  }
}

function forgetOldest(container: Container): void {
  const ended = [...container.execs.values()].filter((exec) => exec.status === 'exited');
  for (const exec of ended.slice(0, Math.max(0, ended.length - MAX_ENDED + 1))) container.execs.delete(exec.id);
}
