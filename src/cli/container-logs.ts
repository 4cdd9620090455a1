// Reads the log of one container into a writer, framed or raw as the engine sends it.
import { createDemuxer } from '../client/demux.ts';
import type { Docker } from '../client/docker.ts';
import { isHttpError } from '../client/errors.ts';
import type { LogWriter } from './output/log-writer.ts';

/** Which part of a log. Times are what the API takes: Unix seconds. */
export interface LogRange {
  readonly follow: boolean;
  readonly tail?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly timestamps?: boolean | undefined;
}

/** One log to read. */
export interface LogSource {
  /** Container id or name. */
  readonly container: string;
  /** The name before each line. */
  readonly label: string;
}

/** Writes the log, until its end or, when following, until the container's. A container that has gone is no error. */
export async function copyLog(
  docker: Docker,
  source: LogSource,
  options: LogRange & { readonly writer: LogWriter; readonly signal: AbortSignal },
): Promise<void> {
  const { writer, signal, ...range } = options;
  try {
    const path = `/containers/${encodeURIComponent(source.container)}/logs`;
    const query = { stdout: true, stderr: true, ...range };
    const answer = await docker.modem.open({ method: 'GET', path, query, abortSignal: signal });
    const feed = isRaw(docker, answer.headers['content-type'])
      ? (chunk: Buffer): void => writer.write(source.label, 'stdout', chunk)
      : createDemuxer((stream, payload) => writer.write(source.label, stream === 1 ? 'stdout' : 'stderr', payload));
    for await (const chunk of answer as AsyncIterable<Buffer>) feed(chunk);
  } catch (error) {
    if (!signal.aborted && !isHttpError(error, 404)) throw error;
  } finally {
    writer.end(source.label);
  }
}

/** Only newer engines tell a terminal's stream from a framed one by its type. */
function isRaw(docker: Docker, contentType: string | undefined): boolean {
  const minor = Number(docker.modem.apiVersion?.split('.')[1] ?? 0);
  return minor >= 42 && contentType?.includes('raw-stream') === true;
}
