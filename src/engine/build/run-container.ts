// Runs one command over an image as far as it has come, in a container by the normal path. What it wrote is left in the
// container's upper folder for the caller, who removes the container.
import type { Socket } from 'node:net';
import { StringDecoder } from 'node:string_decoder';
import { FRAME_HEADER } from '../../api/frames.ts';
import type { ContainerConfig, HostConfig } from '../../api/containers.ts';
import { GantryError, isGantryError } from '../../base/error.ts';
import type { Container } from '../containers/container.ts';
import { pathsOf, type Containers } from '../containers/context.ts';
import { createContainer } from '../containers/create/create.ts';
import { removeContainer } from '../containers/remove.ts';
import { startContainer } from '../containers/start/start.ts';
import { waitFor } from '../containers/wait.ts';

/** A command and where it runs. */
export interface CommandRun {
  /** Id of the image for `inspect`. */
  readonly imageId: string;
  /** Unpacked layers, topmost first. */
  readonly layers: readonly string[];
  readonly config: ContainerConfig;
  readonly host: HostConfig;
}

/** Makes the container; it is not started yet. A daemon that is killed meanwhile removes it at its next start. */
export async function makeContainer(containers: Containers, run: CommandRun): Promise<Container> {
  const image = { id: run.imageId, config: {}, layers: run.layers };
  const own = { ...containers, images: { ...containers.images, resolve: () => image }, forBuild: true as const };
  const body = { ...run.config, Image: run.imageId, HostConfig: run.host };
  const { Id } = await createContainer(own, '', body);
  return containers.store.find(Id);
}

/** Runs it to its end, giving its output as it comes; resolves with its exit code. The signal kills it. */
export async function runContainer(
  containers: Containers,
  container: Container,
  { output, signal }: { readonly output: (text: string) => Promise<void>; readonly signal: AbortSignal },
): Promise<number> {
  const waiting = new AbortController();
  try {
    const ended = waitFor(containers, container, { condition: 'next-exit', signal: waiting.signal });
    const told = followOutput(container, output);
    // of a run that was given up nobody waits for the output
    told.catch(() => undefined);
    await startContainer(containers, container);
    const aborted = Promise.withResolvers<undefined>();
    const abort = (): void => aborted.resolve(undefined);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    const answer = await Promise.race([ended, aborted.promise]);
    signal.removeEventListener('abort', abort);
    signal.throwIfAborted();
    await told;
    return answer?.StatusCode ?? 0;
  } finally {
    waiting.abort();
  }
}

/** Removes it with its anonymous volumes, whatever it does. */
export async function dropContainer(containers: Containers, container: Container): Promise<void> {
  try {
    await removeContainer(containers, container, { force: true, volumes: true });
  } catch (error) {
    // somebody else removed it
    if (!isGantryError(error, 'engine/not-found')) throw error;
  }
}

/** Leaves it to the person who builds. */
export async function keepContainer({ store }: Containers, container: Container): Promise<void> {
  await store.own(container, async () => {
    container.record = { ...container.record, forBuild: undefined };
    if (store.get(container.id) !== undefined) store.save(container);
    return Promise.resolve();
  });
}

/** Where what it wrote lies. */
export function upperOf(containers: Containers, container: Container): string {
  return pathsOf(containers, container.id).upper;
}

async function followOutput(container: Container, output: (text: string) => Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<Socket | undefined>();
  container.waitingAttaches.add({
    streams: { stdin: false, stdout: true, stderr: true },
    connected: (attached) => resolve(attached.output),
    dropped: () => resolve(undefined),
  });
  const socket = await promise;
  if (socket === undefined) return;
  try {
    for await (const payload of payloads(socket)) await output(payload);
  } finally {
    // a connection that nobody reads would hold the container's output up
    socket.destroy();
  }
}

/** Payloads of a framed stream as text; characters that are cut in two are put together again. */
async function* payloads(socket: Socket): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    for (let size = frameSize(pending); size > 0; size = frameSize(pending)) {
      const text = decoder.write(pending.subarray(FRAME_HEADER, size));
      pending = pending.subarray(size);
      if (text !== '') yield text;
    }
  }
  const rest = decoder.end();
  if (rest !== '') yield rest;
}

/** Bytes of the whole frame at the start of a buffer; 0 when it is not all there. */
function frameSize(buffer: Buffer): number {
  if (buffer.length < FRAME_HEADER) return 0;
  const size = FRAME_HEADER + buffer.readUInt32BE(4);
  return buffer.length < size ? 0 : size;
}

/** The failure of a command that ended with a code, in Docker's words. */
export function nonZero(command: readonly string[], code: number, line: number): GantryError {
  return new GantryError(
    'engine/build-failed',
    `The command '${command.join(' ')}' returned a non-zero code: ${code}`,
    { details: { code, line } },
  );
}
