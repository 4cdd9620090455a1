// Chooses how progress is drawn: live lines on a terminal, else one line an event, JSON, or nothing.
import { GantryError } from '../../base/error.ts';
import type { ProgressSink } from '../../project/progress.ts';
import { isTerminal, type Io } from '../io.ts';
import type { Ansi } from './ansi.ts';

/** `--progress`. */
export type ProgressMode = 'auto' | 'tty' | 'plain' | 'json' | 'quiet';

/** A drawing in progress. */
export interface ProgressView {
  readonly event: ProgressSink;
  /** Lets something else write whole lines to the terminal, without a live line over it. */
  aside(write: () => void): void;
  /** Draws the last state; nothing is drawn after. */
  finish(): void;
}

/** What decides how to draw. */
export interface ProgressOptions {
  readonly mode: ProgressMode;
  readonly ansi: Ansi;
  /** Above the lines, for example `Running`. */
  readonly title: string;
}

/** A view on stderr. */
export async function createProgress(io: Io, options: ProgressOptions): Promise<ProgressView> {
  if (options.mode === 'tty' && options.ansi === 'never') throw conflict('tty', 'never');
  if (options.mode === 'plain' && options.ansi === 'always') throw conflict('plain', 'always');
  switch (options.mode) {
    case 'json':
      return plainView(
        io,
        (event) => `${JSON.stringify({ id: event.id, text: event.output?.line ?? event.text, status: event.state })}\n`,
      );
    case 'quiet':
      return plainView(io, (event) => (event.state === 'warning' ? warningLine(event) : ''));
    case 'plain':
      return plainView(io, plainLine);
    case 'tty':
      return await ttyView(io, options.title);
    case 'auto':
      return isTerminal(io.stderr) && options.ansi !== 'never'
        ? await ttyView(io, options.title)
        : plainView(io, plainLine);
  }
}

/** Loaded when a terminal is there: scripts do without. */
async function ttyView(io: Io, title: string): Promise<ProgressView> {
  const { createTtyProgress } = await import('./tty.ts');
  return createTtyProgress(io.stderr, title);
}

type Event = Parameters<ProgressSink>[0];

const plainLine = (event: Event): string =>
  event.output !== undefined
    ? `${event.output.from}  | ${event.output.line}\n`
    : event.id === ''
      ? warningLine(event)
      : ` ${event.id}  ${event.text}\n`;
const warningLine = (event: Event): string =>
  `gantry: warning: ${event.id === '' ? '' : `${event.id} `}${event.text}\n`;

function plainView(io: Io, format: (event: Event) => string): ProgressView {
  const event = (given: Event): void => {
    if (given.passing !== true) io.stderr.write(format(given));
  };
  return { event, aside: (write) => write(), finish: () => undefined };
}

function conflict(progress: string, ansi: string): GantryError {
  return new GantryError('usage/invalid-flag', `--progress ${progress} cannot be used with --ansi ${ansi}`);
}
