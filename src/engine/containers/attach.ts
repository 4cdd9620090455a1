// Attaches clients to a container's stdio, before it runs, while it runs, and with what the log already has.
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { attach, type Attached, type AttachStreams } from '../shim/attach-client.ts';
import type { Container } from './container.ts';
import { emit, pathsOf, type Containers } from './context.ts';
import { connectStdio } from './attach-stdio.ts';
import { markOf, type LogMark } from './logs/files.ts';
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

/**
 * Serves one attached client until it leaves or the container's output ends. With `logs` and `stream` every byte comes once:
 * the log up to the moment of attaching, the lines that had no end then, what is written from then on.
 */
export async function serveAttach(
  containers: Containers,
  container: Container,
  request: AttachRequest,
  client: AttachClient,
): Promise<void> {
  if (!request.stream) {
    if (request.logs) await replay(containers, container, request, client);
    client.socket.end();
    return;
  }
  const joint = await connect(containers, container, request, client.signal);
  let isJoined = false;
  try {
    if (request.logs) await replay(containers, container, { ...request, limit: joint.mark }, client);
    const attached = await joint.attached;
    if (attached === undefined) client.socket.end();
    else {
      isJoined = true; // and closed by that
      await joinStreams(containers, container, { request, attached, socket: client.socket });
    }
  } finally {
    // a connection that nobody reads would hold the container's output up
    if (!isJoined) void joint.attached.then(close);
  }
}

interface AttachClient {
  readonly socket: Socket;
  readonly signal: AbortSignal;
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

/** Where the log's part ends and the stream's begins. */
interface Joint {
  readonly mark: LogMark;
  /** Nothing when no start will come. */
  readonly attached: Promise<Attached | undefined>;
}

/** At once when it runs, else at its start; nothing when it will not come. */
async function connect(
  containers: Containers,
  container: Container,
  request: AttachRequest,
  signal: AbortSignal,
): Promise<Joint> {
  const streams = streamsOf(container, request);
  return await containers.store.own(container, async () => {
    mayDo('attach', container.record);
    const { run, log } = pathsOf(containers, container.id);
    if (container.shim !== undefined) return await joinRunning(run, log, { ...streams, unfinished: request.logs });
    const mark = await markOf(log);
    const { promise, resolve } = Promise.withResolvers<Attached | undefined>();
    const client: WaitingAttach = { streams, connected: resolve, dropped: () => resolve(undefined) };
    if (container.removalStarted) client.dropped();
    else wait(container, client, signal);
    return { mark, attached: promise };
  });
}

/** The shim tells an offset in the file it writes then: of several files in turn, one that was the same before and after. */
async function joinRunning(run: string, log: string, streams: AttachStreams): Promise<Joint> {
  let { inode } = await markOf(log);
  const isRight = async (): Promise<boolean> => {
    const before = inode;
    ({ inode } = await markOf(log));
    return before === inode;
  };
  const attached = await attach(run, streams, streams.unfinished === true ? { isRight } : {});
  return { mark: { inode, offset: Number(attached.logOffset) }, attached: Promise.resolve(attached) };
}

function close(attached: Attached | undefined): void {
  attached?.output.destroy();
  attached?.input?.destroy();
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
  request: AttachRequest & { readonly limit?: LogMark },
  client: AttachClient,
): Promise<void> {
  const { stdout, stderr, limit } = request;
  const out: Writable = client.socket;
  const all = { follow: false, timestamps: false, tail: undefined, since: 0n, until: 0n };
  const options = { stdout, stderr, ...all, ...(limit === undefined ? {} : { limit }) };
  await writeLogs(containers, container, options, { out, signal: client.signal });
}
