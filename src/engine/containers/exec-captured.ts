// Runs a command in a container and keeps what it says, for the engine's own needs (health checks).
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { FRAME_HEADER } from '../../api/frames.ts';
import { attach } from '../shim/attach-client.ts';
import type { Container } from './container.ts';
import { pathsOf, type Containers } from './context.ts';
import { claimExec, createExec, findExec, launchExec } from './exec.ts';
import { execKey } from './exec-types.ts';
import { SIGKILL } from './signals.ts';

/** What to run. */
export interface CapturedCommand {
  readonly argv: readonly string[];
  /** Milliseconds from the begin of its run. */
  readonly timeout: number;
  /** Most bytes of output that are kept; more is cut and marked with `...`. */
  readonly limit: number;
}

/** Runs it to its end; no exit code when it took too long and was killed. Throws when it cannot be run. */
export async function runCaptured(
  containers: Containers,
  container: Container,
  { argv, timeout, limit }: CapturedCommand,
): Promise<{ readonly exitCode: number | undefined; readonly output: string }> {
  const found = findExec(
    containers,
    createExec(containers, container, { Cmd: argv, AttachStdout: true, AttachStderr: true }),
  );
  claimExec(found);
  const { exec } = found;
  try {
    let output = Promise.resolve('');
    await launchExec(containers, found, {}, async () => {
      const streams = { stdin: false, stdout: true, stderr: true };
      output = collect(
        (await attach(pathsOf(containers, container.id).run, streams, { exec: execKey(exec.id) })).output,
        limit,
      );
    });
    const isInTime = await endedWithin(exec.ended, timeout);
    if (!isInTime) await container.shim?.signal(SIGKILL, execKey(exec.id));
    return { exitCode: isInTime ? (exec.exitCode ?? 0) : undefined, output: await output };
  } finally {
    container.execs.delete(exec.id);
  }
}

async function endedWithin(ended: Promise<void>, timeout: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(timeout, false, { signal: timer.signal, ref: false }).catch(() => false);
  const isInTime = await Promise.race([ended.then(() => true), late]);
  timer.abort();
  return isInTime;
}

/** The payloads of a framed stream as one text. */
async function collect(socket: Socket, limit: number): Promise<string> {
  let pending: Buffer = Buffer.alloc(0);
  let text: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= FRAME_HEADER && pending.length >= FRAME_HEADER + pending.readUInt32BE(4)) {
      const end = FRAME_HEADER + pending.readUInt32BE(4);
      if (text.length <= limit) text = Buffer.concat([text, pending.subarray(FRAME_HEADER, end)]);
      pending = pending.subarray(end);
    }
  }
  return text.length > limit ? `${text.toString('utf8', 0, limit)}...` : text.toString('utf8');
}
