// The streams and the terminal of this process, handed down so that nothing below reaches for globals.
import type { ReadStream, WriteStream } from 'node:tty';
import type { Readable, Writable } from 'node:stream';

/** Results go to stdout, progress and messages to stderr. */
export interface Io {
  readonly stdin: Readable & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>;
  readonly stdout: Writable & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;
  readonly stderr: Writable & Partial<Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>>;
}

/** True when the stream is a terminal. */
export function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}
