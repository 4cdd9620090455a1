// Live progress on a terminal: one line for each thing, redrawn in place. Never clears the screen, never draws more
// lines than fit: the rest is counted in the heading.
import type { ProgressEvent } from '../../project/progress.ts';
import type { Io } from '../io.ts';
import { COLOR, CURSOR } from './ansi.ts';
import type { ProgressView } from './progress.ts';
import { textWidth } from './width.ts';

interface Line {
  readonly id: string;
  text: string;
  state: ProgressEvent['state'];
  readonly since: number;
  until: number | undefined;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const INTERVAL_MS = 80;

/** A view that draws on `out`. Its lines stay below what others write meanwhile by `aside`. */
export function createTtyProgress(out: Io['stderr'], title: string): ProgressView {
  const lines = new Map<string, Line>();
  let drawn = 0;
  let frame = 0;
  let isFinished = false;
  const draw = (): void => {
    const text = render([...lines.values()], {
      title,
      frame: (frame += 1),
      rows: out.rows ?? 24,
      columns: out.columns ?? 80,
    });
    out.write(`\r${CURSOR.up(drawn)}${text.map((line) => `${CURSOR.clearLine}${line}\n`).join('')}`);
    drawn = text.length;
  };
  const timer = setInterval(draw, INTERVAL_MS);
  timer.unref();
  out.write(CURSOR.hide);
  return {
    event: (event) => {
      if (isFinished) return;
      if (event.id === '') {
        out.write(`\r${CURSOR.up(drawn)}${CURSOR.clearLine}${COLOR.yellow('warning')}: ${event.text}\n`);
        drawn = 0;
      } else note(lines, event);
      // many events come at once: only the first is drawn at once, the rest by the timer
      if (drawn === 0) draw();
    },
    aside: (write) => {
      if (drawn > 0 && !isFinished) out.write(`\r${CURSOR.up(drawn)}${CURSOR.clearBelow}`);
      drawn = 0;
      write();
      if (lines.size > 0 && !isFinished) draw();
    },
    finish: () => {
      if (isFinished) return;
      clearInterval(timer);
      if (lines.size > 0) draw();
      isFinished = true;
      out.write(CURSOR.show);
    },
  };
}

function note(lines: Map<string, Line>, event: ProgressEvent): void {
  const now = performance.now();
  const id = event.id.replaceAll('"', '');
  const line = lines.get(id) ?? { id, text: '', state: 'working', since: now, until: undefined };
  line.text = event.text;
  line.state = event.state;
  line.until = event.state === 'working' ? undefined : now;
  lines.set(id, line);
}

interface Screen {
  readonly title: string;
  readonly frame: number;
  readonly rows: number;
  readonly columns: number;
}

function render(lines: readonly Line[], screen: Screen): readonly string[] {
  const finished = lines.filter((line) => line.state !== 'working').length;
  const heading = `[+] ${screen.title} ${finished}/${lines.length}`;
  const room = Math.max(1, screen.rows - 2);
  // what is still going on is worth more than what is done
  const shown = lines.length <= room ? lines : lines.toSorted((a, b) => rank(a) - rank(b)).slice(0, room);
  const width = Math.max(0, ...shown.map((line) => textWidth(line.id)));
  return [
    finished === lines.length ? COLOR.blue(heading) : heading,
    ...shown.map((line) => renderLine(line, width, screen)),
  ];
}

const rank = (line: Line): number => (line.state === 'working' ? 0 : 1);

function renderLine(line: Line, width: number, screen: Screen): string {
  const seconds = (((line.until ?? performance.now()) - line.since) / 1000).toFixed(1);
  const left = ` ${mark(line.state, screen.frame)} ${line.id}${' '.repeat(width - textWidth(line.id))}  `;
  const space = Math.max(8, screen.columns - textWidth(left.replace(ESCAPES, '')) - seconds.length - 3);
  const text = line.text.slice(0, space);
  return `${left}${PAINT[line.state](text)}${' '.repeat(Math.max(1, space - textWidth(text)))}${COLOR.faint(`${seconds}s`)}`;
}

const ESCAPES = /\u001b\[[0-9;]*m/g;

const PAINT = { working: COLOR.blue, done: COLOR.green, warning: COLOR.yellow, error: COLOR.red } as const;

function mark(state: ProgressEvent['state'], frame: number): string {
  switch (state) {
    case 'working':
      return COLOR.blue(FRAMES[frame % FRAMES.length] ?? '');
    case 'done':
      return COLOR.green('✔');
    case 'warning':
      return COLOR.yellow('!');
    case 'error':
      return COLOR.red('✘');
  }
}
