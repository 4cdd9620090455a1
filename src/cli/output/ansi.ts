// Colours and cursor moves of a terminal, in one place.

/** Whether colours may be used; `never` also when NO_COLOR is set. */
export type Ansi = 'auto' | 'never' | 'always';

/** Wraps a text in a colour, or leaves it. */
export type Paint = (text: string) => string;

const code =
  (number: string): Paint =>
  (text) =>
    `\u001b[${number}m${text}\u001b[0m`;

export const COLOR = {
  red: code('31'),
  green: code('32'),
  yellow: code('33'),
  blue: code('34'),
  magenta: code('35'),
  cyan: code('36'),
  bold: code('1'),
  faint: code('2'),
} as const;

/** The colours services take in turn, as docker compose has them. */
export const RAINBOW: readonly Paint[] = ['36', '33', '32', '35', '34', '36;1', '33;1', '32;1', '35;1', '34;1'].map(
  code,
);

/** A painter that paints only when `on`. */
export function paintIf(on: boolean, paint: Paint): Paint {
  return on ? paint : (text) => text;
}

export const CURSOR = {
  up: (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A`),
  clearLine: '\u001b[2K',
  /** From the cursor to the end of the screen. */
  clearBelow: '\u001b[J',
  hide: '\u001b[?25l',
  show: '\u001b[?25h',
};
