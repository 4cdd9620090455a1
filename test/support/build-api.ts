// POST /build with a context made in memory, as any client of the API sends it.
import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';

/** How a build went. */
export interface BuildAnswer {
  readonly status: number;
  /** What a person would have read. */
  readonly text: string;
  /** The failure the stream or the answer told, "" = none. */
  readonly error: string;
  /** The image's id, "" when there is none. */
  readonly id: string;
}

/** A build to send. */
export interface BuildSent {
  /** Query, without a question mark. */
  readonly query?: string;
  readonly tar?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with the text so far, at each piece of it. */
  readonly onText?: (text: string) => void;
}

/** Builds; an engine that dies meanwhile gives what was told until then. */
export async function buildOver(
  socketPath: string,
  { query = '', tar, headers, onText }: BuildSent,
): Promise<BuildAnswer> {
  const type = { 'Content-Type': 'application/x-tar', ...headers };
  const sent = request({ socketPath, path: `/v1.41/build?${query}`, method: 'POST', headers: type });
  sent.end(tar ?? Buffer.alloc(0));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.setEncoding('utf8');
  const seen = { text: '', error: '', id: '', rest: '' };
  answer.on('data', (chunk: string) => {
    const lines = (seen.rest + chunk).split('\n');
    seen.rest = lines.pop() ?? '';
    for (const line of lines) takeLine(seen, line);
    onText?.(seen.text);
  });
  // an engine that was killed cuts the answer
  answer.on('error', () => undefined);
  await new Promise((resolve) => answer.once('close', resolve));
  return { status: answer.statusCode ?? 0, text: seen.text, error: seen.error, id: seen.id };
}

interface Line {
  readonly stream?: string;
  readonly status?: string;
  readonly error?: string;
  readonly message?: string;
  readonly aux?: { readonly ID?: string };
}

function takeLine(seen: { text: string; error: string; id: string }, line: string): void {
  if (line.trim() === '') return;
  const { stream = '', status, error, message, aux } = JSON.parse(line) as Line;
  seen.text += stream + (status === undefined ? '' : `${status}\n`);
  seen.error ||= error ?? message ?? '';
  seen.id ||= aux?.ID ?? '';
}
