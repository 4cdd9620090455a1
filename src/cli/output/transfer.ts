// Shows the progress of pulls and pushes as docker does: on a terminal one line a layer, redrawn in place; else what each
// layer comes to, without bars.
import type { Readable } from 'node:stream';
import { failureIn, followJson, type ProgressLine } from '../../client/follow.ts';
import { isTerminal, type Io } from '../io.ts';
import { CURSOR } from './ansi.ts';

/** Layers drawn at most: more than any image has. */
const MAX_LINES = 1000;

/** Shows a stream to its end. Throws the failure it ends with. */
export async function showTransfer(out: Io['stdout'], stream: Readable): Promise<void> {
  const draw = isTerminal(out) ? liveLines(out) : plainLines(out);
  for await (const line of followJson<ProgressLine>(stream)) {
    const failure = failureIn(line);
    if (failure !== undefined) throw failure;
    if (line.status !== undefined) draw(line, line.status);
  }
}

type Draw = (line: ProgressLine, status: string) => void;

/** Bars are for terminals: a log would fill with them. */
function plainLines(out: Io['stdout']): Draw {
  return ({ id, progress }, status) => {
    if (progress === undefined || progress === '') out.write(id === undefined ? `${status}\n` : `${id}: ${status}\n`);
  };
}

function liveLines(out: Io['stdout']): Draw {
  const rows = new Map<string, number>();
  return ({ id, progress = '', progressDetail }, status) => {
    if (id === undefined || progressDetail === undefined) {
      // a line of its own stands below all; layers that come later begin anew
      rows.clear();
      out.write(`${id === undefined ? '' : `${id}: `}${status}\n`);
      return;
    }
    const text = `${id}: ${status} ${progress}`.trimEnd().slice(0, Math.max(20, (out.columns || 80) - 1));
    const row = rows.get(id);
    if (row === undefined) {
      if (rows.size < MAX_LINES) rows.set(id, rows.size);
      out.write(`${text}\n`);
      return;
    }
    const up = rows.size - row;
    out.write(`${CURSOR.up(up)}${CURSOR.clearLine}${text}\n${up > 1 ? down(up - 1) : ''}`);
  };
}

const down = (lines: number): string => `\u001b[${lines}B`;
