// A web server for files of one folder, inside a network namespace of a test.
import { once } from 'node:events';
import type { ChildProcess } from 'node:child_process';
import { startProcess } from '../../src/base/process.ts';
import type { Netns } from './netns.ts';

/** Runs in a process of its own, since a process is in one namespace. Says its port when it listens. */
const PROGRAM = `
  const { createServer } = require('node:http');
  const { createReadStream, statSync } = require('node:fs');
  const { join, normalize } = require('node:path');
  const server = createServer((request, response) => {
    const path = join(process.argv[1], normalize('/' + decodeURIComponent(request.url.split('?')[0])));
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile()) return response.writeHead(404).end();
    response.writeHead(200, { 'Content-Length': stats.size, 'Last-Modified': stats.mtime.toUTCString() });
    createReadStream(path).pipe(response);
  });
  server.listen(0, '0.0.0.0', () => console.log(server.address().port));
`;

/** A running server. */
export class FileServer implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#process = child;
    this.port = port;
  }

  /** Serves a folder on a free port of every address in the namespace. */
  static async start(netns: Netns, folder: string): Promise<FileServer> {
    const child = startProcess('nsenter', netns.enter(process.execPath, ['-e', PROGRAM, folder]), {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer];
    return new FileServer(child, Number(line.toString()));
  }

  /** Its address on the loopback of its namespace. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}
