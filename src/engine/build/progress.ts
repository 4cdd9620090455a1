// The stream of POST /build: one JSON object a line, as Docker's classic builder writes them. Decides nothing.
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { isGantryError, messageOf } from '../../base/error.ts';
import { transferLines, type TransferLines } from '../images/transfer/progress.ts';

/** Characters of lines that are kept for one write. */
const MAX_PENDING = 16 * 1024;

/** Where a build tells what it does. Every call waits while the client does not read. */
export interface Progress {
  /** Text for the person who waits, newlines included. */
  text(text: string): Promise<void>;
  /** The lines of a pull. */
  readonly transfer: TransferLines;
  /** The finished image, and a quiet build's only words. */
  image(id: string): Promise<void>;
  failure(error: unknown, code?: number): Promise<void>;
  /** Hands everything to the connection; before the answer ends. */
  flush(): void;
}

/** A stream over a response. `quiet` leaves everything out but the image's id and failures. */
export function progressOver(
  out: Writable,
  options: { readonly quiet: boolean; readonly signal: AbortSignal },
): Progress {
  const lines = linesOver(out);
  const write = async (message: object): Promise<void> => {
    if (options.signal.aborted || out.destroyed) return;
    if (lines.write(`${JSON.stringify(message)}\r\n`)) return;
    await once(out, 'drain', { signal: options.signal }).catch((error: unknown) => {
      if (!options.signal.aborted) throw error;
    });
  };
  const silent = (): void => undefined;
  return {
    text: async (text) => (options.quiet ? Promise.resolve() : write({ stream: text })),
    transfer: options.quiet ? { say: silent, bar: silent, aux: silent, fail: silent } : transferLines(lines),
    image: async (id) => {
      if (options.quiet) await write({ stream: `${id}\n` });
      else await write({ aux: { ID: id } });
    },
    failure: async (error, code) => {
      const message = failureText(error);
      const line = isGantryError(error) ? error.details['line'] : undefined;
      await write({ errorDetail: { code, message, line }, error: message });
    },
    flush: lines.flush,
  };
}

interface Lines {
  /** False when the client does not keep up: wait for `drain`. */
  readonly write: (line: string) => boolean;
  readonly flush: () => void;
}

/** Lines that are said in one go are written in one go, as soon as the work waits for anything. */
function linesOver(out: Writable): Lines {
  let pending = '';
  const flush = (): void => {
    if (pending !== '' && !out.destroyed) out.write(pending);
    pending = '';
  };
  return {
    write: (line) => {
      if (pending === '') process.nextTick(flush);
      pending += line;
      if (pending.length >= MAX_PENDING) flush();
      return !out.writableNeedDrain;
    },
    flush,
  };
}

function failureText(error: unknown): string {
  const hint = isGantryError(error) && error.hint !== undefined ? ` (${error.hint})` : '';
  return `${messageOf(error)}${hint}`;
}
