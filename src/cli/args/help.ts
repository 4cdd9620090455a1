// The help of a command.
import type { Command } from './command.ts';

/** Usage, flags and the commands below, in columns. */
export function helpText(path: readonly Command[]): string {
  const command = path.at(-1);
  if (command === undefined) return '';
  const words = path.map((at) => at.name).join(' ');
  const flags = command.flags.length === 0 ? '' : ' [flags]';
  const rest = command.below.length > 0 ? ' <command>' : command.parameters.map(argumentText).join('');
  const shown = command.flags.filter(({ text }) => text !== '');
  const rows = shown.map((flag) => {
    const value = flag.value === '' ? '' : ` <${flag.value}>`;
    return [`${flag.short === undefined ? '    ' : `${flag.short}, `}${flag.long}${value}`, flag.text] as const;
  });
  const below = command.below.filter((at) => !at.isHidden).map((at) => [at.name, at.summary] as const);
  return [
    `Usage: ${words}${flags}${rest}\n`,
    command.summary === '' ? '' : `\n${capital(command.summary)}\n`,
    section('Flags', [...rows, ['-h, --help', 'print help']]),
    below.length === 0 ? '' : section('Commands', below),
  ].join('');
}

function argumentText({ name, required, variadic }: Command['parameters'][number]): string {
  const text = `${name}${variadic ? '...' : ''}`;
  return ` ${required ? `<${text}>` : `[${text}]`}`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return `\n${title}:\n${rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join('')}`;
}
