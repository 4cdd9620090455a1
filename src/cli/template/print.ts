// Go's fmt.Sprintf, Sprint and Sprintln as far as templates use them.
import { textOf } from './values.ts';

/** `printf`: verbs s q d v t f x with flags, width and precision; a wrong count is told as Go tells it. */
export function sprintf(format: string, ...values: readonly unknown[]): string {
  let next = 0;
  const text = format.replace(/%([-+0# ]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])/g, (_all, ...parts: readonly unknown[]) => {
    const [flags = '', width, precision, verb = ''] = parts as readonly string[];
    if (verb === '%') return '%';
    if (next >= values.length) return `%!${verb}(MISSING)`;
    const body = convert(verb, values[next++], precision);
    return pad(flags, body, width);
  });
  const extra = values.slice(next).map((value) => `${typeName(value)}=${textOf(value)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

/** `print`: a blank between operands when neither is a string. */
export function sprint(...values: readonly unknown[]): string {
  return values
    .map((value, index) => {
      const before = values[index - 1];
      const gap = index > 0 && typeof value !== 'string' && typeof before !== 'string';
      return `${gap ? ' ' : ''}${textOf(value)}`;
    })
    .join('');
}

function convert(verb: string, value: unknown, precision: string | undefined): string {
  switch (verb) {
    case 's':
    case 'v':
      return precision === undefined ? textOf(value) : Array.from(textOf(value)).slice(0, Number(precision)).join('');
    case 'q':
      return typeof value === 'string' ? JSON.stringify(value) : textOf(value);
    case 'd':
      return typeof value === 'number' ? String(value) : wrong(verb, value);
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong(verb, value);
    case 'f':
      return typeof value === 'number' ? value.toFixed(Number(precision ?? 6)) : wrong(verb, value);
    case 'x':
      return hex(value);
    default:
      return wrong(verb, value);
  }
}

function hex(value: unknown): string {
  return typeof value === 'number' ? value.toString(16) : Buffer.from(textOf(value)).toString('hex');
}

const wrong = (verb: string, value: unknown): string => `%!${verb}(${typeName(value)}=${textOf(value)})`;

function typeName(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'interface {}';
}

function pad(flags: string, text: string, width: string | undefined): string {
  const columns = Number(width ?? 0);
  if (flags.includes('-')) return text.padEnd(columns);
  if (!flags.includes('0')) return text.padStart(columns);
  return text.startsWith('-') ? `-${text.slice(1).padStart(columns - 1, '0')}` : text.padStart(columns, '0');
}
