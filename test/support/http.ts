// One plain HTTP request over a unix socket: what any client would see, with nothing of gantry's own client in between.
import { request } from 'node:http';

/** What came back. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The body as JSON, undefined when it is none. */
  readonly json: unknown;
}

/** What is sent: a JSON value, or nothing. */
export interface RawRequest {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a request; `line` is "GET /containers/json". */
export async function ask(socketPath: string, line: string, raw: RawRequest = {}): Promise<RawAnswer> {
  const [method = 'GET', path = '/'] = line.split(' ');
  const body = raw.body === undefined ? undefined : JSON.stringify(raw.body);
  const json = body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': String(body.length) };
  const headers = { Host: 'docker', 'User-Agent': 'test', ...json, ...raw.headers };
  return await new Promise((resolve, reject) => {
    const sent = request({ socketPath, method, path, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text, json: parsed(text) });
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Makes and starts a container over the API; gives its id. */
export async function startContainer(socketPath: string, name: string, body: object): Promise<string> {
  const made = await ask(socketPath, `POST /containers/create?name=${name}`, { body });
  const { Id } = made.json as { readonly Id?: string };
  if (Id === undefined) throw new Error(`create ${name}: ${made.text}`);
  const started = await ask(socketPath, `POST /containers/${Id}/start`);
  if (started.status !== 204) throw new Error(`start ${name}: ${started.text}`);
  return Id;
}
