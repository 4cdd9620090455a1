// Diagnostic log: one JSON object a line with constant messages and data in fields. Never results, never progress.
import type { Writable } from 'node:stream';

/** Levels, most important first. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Data of a log line; never secrets or bodies. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes records of one area. */
export interface Logger {
  error(msg: string, fields?: LogFields): void;
  warn(msg: string, fields?: LogFields): void;
  info(msg: string, fields?: LogFields): void;
  debug(msg: string, fields?: LogFields): void;
  /** A logger that adds its area's name to each record. */
  area(name: string): Logger;
}

const ORDER: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

/** A logger that writes records up to `level` to `out`. */
export function createLogger(out: Writable, level: LogLevel, area = 'main'): Logger {
  const write =
    (at: LogLevel) =>
    (msg: string, fields: LogFields = {}): void => {
      if (ORDER.indexOf(at) > ORDER.indexOf(level)) return;
      out.write(
        `${JSON.stringify({ time: new Date().toISOString(), level: at, area, msg, ...fields }, plainErrors)}\n`,
      );
    };
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    area: (name) => createLogger(out, level, name),
  };
}

function plainErrors(_key: string, value: unknown): unknown {
  return value instanceof Error ? { message: value.message, stack: value.stack } : value;
}
