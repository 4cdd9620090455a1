// HEALTHCHECK as the image's configuration has it: flags read, command put into Docker's `Test` array.
import { parseDuration } from '../../../base/duration.ts';
import type { Instruction } from './types.ts';

/** An image's `Healthcheck`: times in nanoseconds, absent where not given. */
export interface Healthcheck {
  /** `['NONE']`, `['CMD', …]` or `['CMD-SHELL', text]`. */
  readonly Test: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

const TIMES = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
} as const;

/** The health check of a HEALTHCHECK instruction that was checked. */
export function healthcheckOf({ args, flags, form }: Instruction): Healthcheck {
  const [type = '', ...command] = args;
  if (type.toUpperCase() === 'NONE') return { Test: ['NONE'] };
  const numbers: Record<string, number> = {};
  for (const { name, value } of flags) {
    if (name === 'retries') numbers['Retries'] = Number(value);
    else if (isTime(name)) numbers[TIMES[name]] = parseDuration(value) ?? 0;
  }
  return { Test: form === 'json' ? ['CMD', ...command] : ['CMD-SHELL', ...command], ...numbers };
}

/** What is wrong with a HEALTHCHECK instruction, in Docker's words. */
export function checkHealth({ args, flags }: Instruction): string | undefined {
  const [type, ...command] = args;
  if (type === undefined) return 'HEALTHCHECK requires at least one argument';
  const kind = type.toUpperCase();
  if (kind === 'NONE') return command.length === 0 ? undefined : 'HEALTHCHECK NONE takes no arguments';
  if (kind !== 'CMD') return `Unknown type ${JSON.stringify(kind)} in HEALTHCHECK (try CMD)`;
  if (command.length === 0) return 'Missing command after HEALTHCHECK CMD';
  return flags
    .map(({ name, value }) => (isTime(name) ? timeProblem(name, value) : retriesProblem(value)))
    .find(Boolean);
}

const isTime = (name: string): name is keyof typeof TIMES => Object.hasOwn(TIMES, name);

function timeProblem(name: string, value: string): string | undefined {
  if (value === '') return undefined;
  const time = /[dw]/.test(value) ? undefined : parseDuration(value);
  if (time === undefined) return `time: invalid duration ${JSON.stringify(value)}`;
  return time !== 0 && time < 1e6 ? `Interval "${name}" cannot be less than 1ms` : undefined;
}

function retriesProblem(value: string): string | undefined {
  if (value === '') return undefined;
  if (!/^[-+]?\d{1,9}$/.test(value)) return `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`;
  return Number(value) < 0 ? `--retries cannot be negative (${Number(value)})` : undefined;
}
