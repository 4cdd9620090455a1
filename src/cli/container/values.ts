// Values of single flags: sizes, numbers, durations, limits, devices, pairs. Texts of errors are Docker's.
import type { DeviceMapping, RestartPolicy, Ulimit } from '../../api/containers.ts';
import { parseDuration } from '../../base/duration.ts';
import { GantryError } from '../../base/error.ts';

/** The error for a value that a flag cannot have. */
export function invalid(flag: string, value: string, why: string): GantryError {
  return new GantryError('usage/invalid-flag', `invalid argument "${value}" for "--${flag}" flag: ${why}`);
}

const UNITS = 'bkmgtp';

/** Bytes of `512m`, `1.5GiB` or `-1`; undefined when nothing was given. */
export function bytesOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === '-1') return -1;
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgtp]?)(?:i?b)?$/i.exec(text);
  if (match === null) throw invalid(flag, text, `invalid size: '${text}'`);
  return Math.floor(Number(match[1]) * 1024 ** Math.max(0, UNITS.indexOf((match[2] ?? '').toLowerCase() || 'b')));
}

/** A whole number; undefined when nothing was given. */
export function numberOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[-+]?\d+$/.test(text)) throw invalid(flag, text, `strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

/** Billionths of a CPU. */
export function nanoCpusOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d*\.?\d+$/.test(text)) throw invalid('cpus', text, `failed to parse ${text} as a rational number`);
  return Math.round(Number(text) * 1e9);
}

/** Nanoseconds; undefined when nothing was given. */
export function durationOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const duration = parseDuration(text);
  if (duration === undefined) throw invalid(flag, text, `time: invalid duration "${text}"`);
  return duration;
}

/** `a=b` pairs; a name alone has the value "". */
export function pairsOf(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** `nofile=1024:2048`; -1 is no limit. */
export function ulimitOf(text: string): Ulimit {
  const match = /^(\w+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (match === null) throw invalid('ulimit', text, `invalid ulimit argument: ${text}`);
  const [, name = '', soft = '', hard = soft] = match;
  if (Number(hard) !== -1 && (Number(soft) > Number(hard) || Number(soft) === -1))
    throw invalid('ulimit', text, `ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  return { Name: name, Soft: Number(soft), Hard: Number(hard) };
}

/** `/dev/a[:/dev/b][:rwm]`. */
export function deviceOf(text: string): DeviceMapping {
  const [host = '', second, third] = text.split(':');
  const isMode = second !== undefined && /^[rwm]{1,3}$/.test(second);
  const inside = second === undefined || isMode ? host : second;
  const mode = (isMode ? second : third) ?? 'rwm';
  if (!/^[rwm]{1,3}$/.test(mode)) throw invalid('device', text, `bad mode specified: ${mode}`);
  return { PathOnHost: host, PathInContainer: inside, CgroupPermissions: mode };
}

/** `always`, `on-failure:3` … */
export function restartOf(text: string | undefined): RestartPolicy {
  const [name = '', count, ...more] = (text ?? 'no').split(':');
  if (more.length > 0 || (count !== undefined && !/^-?\d+$/.test(count)))
    throw new GantryError(
      'usage/invalid-flag',
      'invalid restart policy format: maximum retry count must be an integer',
    );
  return { Name: name as NonNullable<RestartPolicy['Name']>, MaximumRetryCount: Number(count ?? 0) };
}
