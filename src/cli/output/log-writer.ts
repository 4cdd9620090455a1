// Writes lines of containers with a coloured name before each; lines of one container never mix with another's.
import { COLOR, RAINBOW, paintIf, type Paint } from './ansi.ts';

/** How lines look. */
export interface LogStyle {
  readonly color: boolean;
  readonly prefix: boolean;
  /** All names that may come, for a common width and steady colours. */
  readonly names: readonly string[];
}

/** Takes the output of containers. */
export interface LogWriter {
  /** Bytes of one stream of one container. Resolves when more may come. */
  write(name: string, stream: 'stdout' | 'stderr', bytes: Buffer): void;
  /** Writes what a container left without a line end. */
  end(name: string): void;
  /** A line about a container, not by it. */
  note(name: string, text: string): void;
}

/** A line longer than this is cut in two. */
const MAX_LINE = 256 * 1024;

/** Where lines go. */
interface LineSink {
  write(lines: string): unknown;
}

/** A writer to stdout and stderr, each stream kept apart. */
export function createLogWriter(out: LineSink, err: LineSink, style: LogStyle): LogWriter {
  const width = Math.max(0, ...style.names.map((name) => name.length));
  const paints = new Map(
    style.names.toSorted().map((name, index) => [name, RAINBOW[index % RAINBOW.length] ?? COLOR.cyan]),
  );
  const held = new Map<string, Buffer>();
  const prefixOf = (name: string): string =>
    style.prefix ? paintIf(style.color, paints.get(name) ?? plain)(`${name.padEnd(width)}  | `) : '';
  const flush = (key: string, name: string, stream: 'stdout' | 'stderr'): void => {
    const rest = held.get(key);
    held.delete(key);
    if (rest !== undefined && rest.length > 0)
      (stream === 'stdout' ? out : err).write(`${prefixOf(name)}${rest.toString()}\n`);
  };
  return {
    write: (name, stream, bytes) => {
      const key = `${stream} ${name}`;
      const before = held.get(key);
      const all = before === undefined ? bytes : Buffer.concat([before, bytes]);
      const { text, rest } = splitLines(all, prefixOf(name));
      if (text !== '') (stream === 'stdout' ? out : err).write(text);
      if (rest.length > 0) held.set(key, Buffer.from(rest));
      else held.delete(key);
    },
    end: (name) => {
      for (const stream of ['stdout', 'stderr'] as const) flush(`${stream} ${name}`, name, stream);
    },
    note: (name, text) => {
      out.write(`${paintIf(style.color, paints.get(name) ?? plain)(`${name} ${text}`)}\n`);
    },
  };
}

const plain: Paint = (text) => text;

function splitLines(bytes: Buffer, prefix: string): { text: string; rest: Buffer } {
  let text = '';
  let from = 0;
  for (let end = bytes.indexOf(10, from); end >= 0; end = bytes.indexOf(10, from)) {
    text += `${prefix}${bytes.toString('utf8', from, end)}\n`;
    from = end + 1;
  }
  if (bytes.length - from <= MAX_LINE) return { text, rest: bytes.subarray(from) };
  return { text: `${text}${prefix}${bytes.toString('utf8', from)}\n`, rest: Buffer.alloc(0) };
}
