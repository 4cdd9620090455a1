// Accepts connections and reads each one's first head: attach and exec start are taken over here, everything else goes on
// to node:http untouched. Plain node:http fails when stdin bytes share a packet with the body of such a request.
import { createServer, type Server, type Socket } from 'node:net';
import { GantryError, isGantryError } from '../../base/error.ts';
import { requestLine } from './head.ts';
import { matchRoute, parseTarget } from './match.ts';
import { receive } from './receive.ts';
import { createRouter, MAX_HEAD, type HttpOptions } from './router.ts';
import { refuseHead, takeOver, type FirstBytes } from './takeover.ts';

const HEAD_END = '\r\n\r\n';

/** The API's listening side. */
export interface FrontDoor {
  /** Not yet listening. */
  readonly server: Server;
  /** Number of open connections. */
  connections(): number;
  /** Ends every connection at once. */
  disconnect(): void;
}

/** What the front door is given beside the HTTP side's. */
export interface FrontDoorOptions extends HttpOptions {
  /** Called when a connection opened or closed. */
  readonly onConnections?: () => void;
}

/** Makes the front door of an engine. */
export function createFrontDoor(options: FrontDoorOptions): FrontDoor {
  const router = createRouter(options);
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => {
      open.delete(socket);
      options.onConnections?.();
    });
    // a broken connection also closes, which is where it is dealt with
    socket.on('error', (error) => options.log.debug('connection broke', { error }));
    options.onConnections?.();
    void admit(options, socket, () => router.emit('connection', socket));
  });
  return { server, connections: () => open.size, disconnect: () => open.forEach((socket) => socket.destroy()) };
}

async function admit(options: HttpOptions, socket: Socket, handOn: () => void): Promise<void> {
  try {
    const first = await receive(socket, { first: Buffer.alloc(0), max: MAX_HEAD, tooLarge, take: findHead });
    if (first.used > 0) {
      await takeOver(options, socket, first);
    } else {
      handOn();
      socket.resume();
    }
  } catch (error) {
    if (isGantryError(error, 'engine/bad-parameter')) refuseHead(socket, 431, error.message);
    else socket.destroy();
  }
}

/** The first head. Nothing is consumed when it is not taken over, since all of it must reach node:http. */
function findHead(bytes: Buffer): (FirstBytes & { readonly used: number }) | undefined {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return undefined;
  const head = bytes.toString('latin1', 0, end);
  return { used: isTakenOver(head) ? bytes.length : 0, head, rest: bytes.subarray(end + HEAD_END.length) };
}

function isTakenOver(head: string): boolean {
  const line = requestLine(head);
  if (line?.method !== 'POST') return false;
  try {
    return matchRoute(line.method, parseTarget(line.url))?.row.kind === 'hijack';
  } catch {
    return false; // a malformed path is refused by the router
  }
}

function tooLarge(): GantryError {
  return new GantryError('engine/bad-parameter', 'the request head is larger than 1 MiB');
}
