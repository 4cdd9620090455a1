// The daemon's end of one shim: its control socket. Says what the shim says; what it means is decided in containers/.
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { GantryError, isGantryError } from '../../base/error.ts';
import { Channel } from './channel.ts';
import { decodeFields, type RawMessage, type ValuesOf } from './codec.ts';
import { failureOf } from './failure.ts';
import { MESSAGES, WIRE_VERSION } from './records.ts';

/** A shim's answer to hello. */
export type ShimState = ValuesOf<typeof MESSAGES.state>;
/** How a container ended. */
export type ExitReport = ValuesOf<typeof MESSAGES.exited>;

/** Who is told of a shim's events. */
export interface ShimListener {
  exited(report: ExitReport): void;
  oomKilled(): void;
  execExited(exec: string, status: number): void;
  /** The shim is gone. */
  closed(): void;
}

/** Commands to one shim. */
export class ShimClient {
  readonly #channel: Channel;

  private constructor(channel: Channel) {
    this.#channel = channel;
  }

  /** Connects to `<dir>/ctl` and waits for the state, which comes when prepare has ended. */
  static async connect(dir: string, listener: ShimListener): Promise<{ client: ShimClient; state: ShimState }> {
    const socket = await connectSocket(join(dir, 'ctl'));
    const channel = new Channel(socket, {
      event: (message) => dispatch(message, listener),
      closed: () => listener.closed(),
    });
    const state = await channel.request(MESSAGES.hello, { version: WIRE_VERSION }, MESSAGES.state);
    return { client: new ShimClient(channel), state };
  }

  /** Starts the prepared process. */
  async go(): Promise<void> {
    await this.#channel.request(MESSAGES.go, {}, MESSAGES.ok);
  }

  /** Sends a signal to the container's first process, or to an exec. */
  async signal(signal: number, exec = ''): Promise<void> {
    await this.#channel.request(MESSAGES.signal, { signal, exec }, MESSAGES.ok);
  }

  async resize(size: { readonly rows: number; readonly cols: number }, exec = ''): Promise<void> {
    await this.#channel.request(MESSAGES.resize, { exec, ...size }, MESSAGES.ok);
  }

  /** Makes a stopped process and its attach socket. */
  async execPrepare(exec: string, plan: Uint8Array): Promise<void> {
    await this.#channel.request(MESSAGES.execPrepare, { exec, plan }, MESSAGES.ok);
  }

  /** Lets it run; gives its host pid. */
  async execGo(exec: string): Promise<number> {
    return (await this.#channel.request(MESSAGES.execGo, { exec }, MESSAGES.started)).pid;
  }

  async endpointAdd(plan: Uint8Array): Promise<void> {
    await this.#channel.request(MESSAGES.endpointAdd, { plan }, MESSAGES.ok);
  }

  async endpointDel(ifname: string): Promise<void> {
    await this.#channel.request(MESSAGES.endpointDel, { ifname }, MESSAGES.ok);
  }

  /** Gives up a prepared or running container. */
  async abort(): Promise<void> {
    await this.#channel.request(MESSAGES.abort, {}, MESSAGES.ok);
  }

  /** After the exit: the shim cleans up after itself and ends. */
  async dismiss(): Promise<void> {
    await this.#channel.request(MESSAGES.dismiss, {}, MESSAGES.ok);
  }

  /** Hangs up; the shim goes on. */
  close(): void {
    this.#channel.destroy();
  }
}

/** Ends a shim that nobody needs, whatever it is doing. One that is gone already is fine. */
export async function endShim(shim: ShimClient): Promise<void> {
  try {
    await shim.abort().catch(passFailure);
    await shim.dismiss();
  } catch (error) {
    if (!isGantryError(error, 'runtime/shim-lost')) throw error;
  } finally {
    shim.close();
  }
}

/** A container that has ended already, or never began, has nothing to abort. */
function passFailure(error: unknown): void {
  if (failureOf(error) === undefined) throw error;
}

/** Connects to a unix socket. Throws runtime/shim-lost when nobody listens there. */
export async function connectSocket(path: string): Promise<Socket> {
  const socket = createConnection({ path, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', (cause) =>
      reject(new GantryError('runtime/shim-lost', `nobody listens at ${path}`, { cause })),
    );
  });
  return socket;
}

function dispatch(message: RawMessage, listener: ShimListener): void {
  if (message.type === MESSAGES.exited.type) listener.exited(decodeFields(MESSAGES.exited, message.body));
  else if (message.type === MESSAGES.oomKill.type) listener.oomKilled();
  else if (message.type === MESSAGES.execExited.type) {
    const { exec, status } = decodeFields(MESSAGES.execExited, message.body);
    listener.execExited(exec, status);
  }
}
