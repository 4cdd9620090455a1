// Options of a log: how large a file may grow and how many are kept.
import { parseBytes } from '../../../base/bytes.ts';
import { GantryError } from '../../../base/error.ts';

/** Limits of one log. */
export interface LogLimits {
  /** Bytes; 0 = no rotation. */
  readonly maxSize: number;
  readonly maxFiles: number;
}

/** Options that change what is kept, and those that only shape what we do not write. */
const KNOWN = new Set([
  'max-size',
  'max-file',
  'compress',
  'labels',
  'labels-regex',
  'env',
  'env-regex',
  'tag',
  'mode',
  'max-buffer-size',
]);
const DEFAULTS: Readonly<Record<string, LogLimits>> = { local: { maxSize: 20 * 1024 * 1024, maxFiles: 5 } };
const UNBOUNDED: LogLimits = { maxSize: 0, maxFiles: 1 };

/** The limits of a driver with its options. Throws engine/bad-parameter for unknown options and bad values. */
export function logLimits(driver: string, options: Readonly<Record<string, string>>): LogLimits {
  const unknown = Object.keys(options).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw refused(`unknown log opt '${unknown}' for ${driver || 'json-file'} log driver`);
  const defaults = DEFAULTS[driver] ?? UNBOUNDED;
  const size = options['max-size'];
  const files = options['max-file'];
  const maxSize = size === undefined || size === '-1' ? defaults.maxSize : parseBytes(size);
  const maxFiles = files === undefined ? defaults.maxFiles : Number(files);
  if (maxSize === undefined) throw refused(`invalid size: '${size ?? ''}'`);
  if (!Number.isInteger(maxFiles) || maxFiles < 1) throw refused(`max-file cannot be less than 1: '${files ?? ''}'`);
  return { maxSize, maxFiles };
}

function refused(message: string): GantryError {
  return new GantryError('engine/bad-parameter', message);
}
