// Attaches clients to a container's stdio, before it runs, while it runs, and with what the log already has.
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { attach, type Attached, type AttachStreams } from '../shim/attach-client.ts';
import type { Container } from './container.ts';
import { emit, pathsOf, type Containers } from './context.ts';
import { connectStdio } from './attach-stdio.ts';
import { writeLogs } from './logs/logs.ts';
import { mayDo } from './life-cycle.ts';
import type { WaitingAttach } from './attach-types.ts';

/** What a client wants of an attach. */
export interface AttachRequest extends AttachStreams {
  /** What is in the log first. */
  readonly logs: boolean;
  /** What comes from now on. */
  readonly stream: boolean;
  readonly detachKeys: string;
}

/** Serves one attached client until it leaves or the container's output ends. */
export async function serveAttach(
  containers: Containers,
  container: Container,
  request: AttachRequest,
  client: { readonly socket: Socket; readonly signal: AbortSignal },
): Promise<void> {
  const isLive = request.stream && container.shim !== undefined;
  if (request.logs && !isLive) await replay(containers, container, request, client);
  if (!request.stream) {
    client.socket.end();
    return;
  }
  const attached = await connect(containers, container, streamsOf(container, request), client.signal);
  if (attached === undefined) {
    client.socket.end();
    return;
  }
  try {
    // attached first, so that what is written meanwhile comes once: the log up to there, then the stream
    const limit = Number(attached.logOffset);
    if (request.logs && isLive) await replay(containers, container, { ...request, limit }, client);
    await joinStreams(containers, container, { request, attached, socket: client.socket });
  } finally {
    // a connection that nobody reads would hold the container's output up
    attached.output.destroy();
    attached.input?.destroy();
  }
}

async function joinStreams(
  containers: Containers,
  container: Container,
  { request, attached, socket }: { request: AttachRequest; attached: Attached; socket: Socket },
): Promise<void> {
  emit(containers, container, 'attach');
  const { Tty, StdinOnce } = container.record.config;
  const how = {
    stdin: request.stdin,
    detachKeys: Tty === true ? request.detachKeys : undefined,
    closeStdin: StdinOnce === true,
  };
  const end = await connectStdio(socket, attached, how);
  if (end === 'detached') emit(containers, container, 'detach');
}

/** Connects those who waited for the start; called when the shim is prepared and nothing has run yet. */
export async function attachWaiting(containers: Containers, container: Container): Promise<void> {
  const waiting = [...container.waitingAttaches];
  container.waitingAttaches.clear();
  const dir = pathsOf(containers, container.id).run;
  await Promise.all(waiting.map(async (client) => client.connected(await attach(dir, client.streams))));
}

/** Tells those who wait that there will be no start. */
export function dropWaiting(container: Container): void {
  for (const client of container.waitingAttaches) client.dropped();
  container.waitingAttaches.clear();
}

/** Stdin counts only where the container keeps one open. */
function streamsOf(container: Container, request: AttachRequest): AttachStreams {
  return {
    stdin: request.stdin && container.record.config.OpenStdin === true,
    stdout: request.stdout,
    stderr: request.stderr,
  };
}

/** At once when it runs, else at its start; nothing when it will not come. */
async function connect(
  containers: Containers,
  container: Container,
  streams: AttachStreams,
  signal: AbortSignal,
): Promise<Attached | undefined> {
  const { promise, resolve } = Promise.withResolvers<Attached | undefined>();
  await containers.store.own(container, async () => {
    mayDo('attach', container.record);
    if (container.shim !== undefined) {
      resolve(await attach(pathsOf(containers, container.id).run, streams));
      return;
    }
    if (container.removalStarted) {
      resolve(undefined);
      return;
    }
    wait(container, { streams, connected: (attached) => resolve(attached), dropped: () => resolve(undefined) }, signal);
  });
  return await promise;
}

function wait(container: Container, client: WaitingAttach, signal: AbortSignal): void {
  container.waitingAttaches.add(client);
  const leave = (): void => {
    if (container.waitingAttaches.delete(client)) client.dropped();
  };
  if (signal.aborted) leave();
  else signal.addEventListener('abort', leave, { once: true });
}

async function replay(
  containers: Containers,
  container: Container,
  request: AttachRequest & { readonly limit?: number },
  client: { socket: Socket; signal: AbortSignal },
): Promise<void> {
  const { stdout, stderr, limit } = request;
  const out: Writable = client.socket;
  const all = { follow: false, timestamps: false, tail: undefined, since: 0n, until: 0n };
  const options = { stdout, stderr, ...all, ...(limit === undefined ? {} : { limit }) };
  await writeLogs(containers, container, options, { out, signal: client.signal });
}
