// A way out of a network namespace for web requests: a listener inside it, joined by a unix socket with a web proxy
// outside. What the host reaches, directly or by the proxy its variables name, a container in there reaches through it.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { processEnv } from '../../src/base/env.ts';
import { startProcess } from '../../src/base/process.ts';
import type { Netns } from './netns.ts';

/** Runs inside: every connection goes to the unix socket as it is. Says its port when it listens. */
const PROGRAM = `
  const net = require('node:net');
  const server = net.createServer((inside) => {
    const outside = net.connect(process.argv[1]);
    for (const socket of [inside, outside]) socket.on('error', () => { inside.destroy(); outside.destroy(); });
    inside.pipe(outside).pipe(inside);
  });
  server.listen(0, '0.0.0.0', () => console.log(server.address().port));
`;

/** An open way. */
export class WayOut implements AsyncDisposable {
  /** On every address of the namespace. */
  readonly port: number;
  readonly #server: Server;
  readonly #inside: ChildProcess;
  readonly #path: string;

  private constructor(parts: { port: number; server: Server; inside: ChildProcess; path: string }) {
    this.port = parts.port;
    this.#server = parts.server;
    this.#inside = parts.inside;
    this.#path = parts.path;
  }

  /** Opens it; `path` is a free name for the unix socket. */
  static async open(netns: Netns, path: string): Promise<WayOut> {
    const server = createServer(forward);
    server.on('connect', tunnel);
    server.listen(path);
    await once(server, 'listening');
    const inside = startProcess('nsenter', netns.enter(process.execPath, ['-e', PROGRAM, path]), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(inside.stdout ?? inside, 'data')) as [Buffer];
    return new WayOut({ port: Number(line.toString()), server, inside, path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#inside, 'exit');
    this.#inside.kill('SIGKILL');
    await ended;
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#path, { force: true });
  }
}

/** `GET http://host/path`: by the host's own proxy where it has one. */
function forward(incoming: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', headers, url = '' } = incoming;
  const proxy = processEnv()['http_proxy'];
  const target = new URL(url);
  const via = proxy === undefined || proxy === '' ? target : new URL(proxy);
  const path = via === target ? `${target.pathname}${target.search}` : url;
  const outgoing = request({ host: via.hostname, port: via.port || 80, method, path, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.writeHead(502).end());
  incoming.pipe(outgoing);
}

function tunnel(incoming: IncomingMessage, client: Socket): void {
  const [host = '', port = '443'] = (incoming.url ?? '').split(':');
  const server = connect(Number(port), host, () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    server.pipe(client).pipe(server);
  });
  for (const socket of [client, server]) {
    socket.on('error', () => {
      client.destroy();
      server.destroy();
    });
  }
}
