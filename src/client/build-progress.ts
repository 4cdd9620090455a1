// Follows the stream of a build to its end: text, steps, the image's id, and what failed where.
import type { Readable } from 'node:stream';
import { GantryError } from '../base/error.ts';
import { followJson, type ProgressLine } from './follow.ts';

/** A step of the Dockerfile as the stream tells it: "Step 2/5 : RUN make". */
export interface BuildStep {
  readonly number: number;
  readonly total: number;
  readonly instruction: string;
}

/** Who listens to a build. */
export interface BuildListener {
  /** Any text, with its newlines, cut anywhere. */
  readonly text?: (text: string) => void;
  readonly step?: (step: BuildStep) => void;
  /** A line of the pull of a base image. */
  readonly status?: (line: ProgressLine) => void;
}

/**
 * Reads a build's stream to its end and gives the image's id. Throws client/build-failed, whose details tell `code`
 * (of the command that failed), `step`, `line` (of the Dockerfile, where the engine says it) and `lastLines`.
 */
export async function finishBuild(stream: Readable, listener: BuildListener = {}): Promise<string> {
  const state: State = { id: undefined, step: undefined, tail: '' };
  for await (const line of followJson<BuildLine>(stream)) {
    const failure = line.errorDetail?.message ?? line.error;
    if (failure !== undefined) throw failed(failure, line, state);
    if (line.aux?.ID !== undefined) state.id = line.aux.ID;
    if (line.stream !== undefined) take(line.stream, state, listener);
    else if (line.status !== undefined) listener.status?.(line);
  }
  if (state.id !== undefined) return state.id;
  throw new GantryError('client/protocol', 'the build ended without telling the id of its image');
}

interface BuildLine extends ProgressLine {
  readonly aux?: { readonly ID?: string };
  readonly errorDetail?: { readonly message: string; readonly code?: number; readonly line?: number };
}

interface State {
  id: string | undefined;
  step: BuildStep | undefined;
  /** What the step wrote so far, its end only. */
  tail: string;
}

const STEP = /^Step (\d+)\/(\d+) : ([^]*?)\n?$/;
const BUILT = /^(?:Successfully built |(?=sha256:))((?:sha256:)?[0-9a-f]+)\n?$/;
/** Characters that are kept for the last lines of a failure. */
const MAX_TAIL = 16_384;
const LAST_LINES = 10;

function take(text: string, state: State, listener: BuildListener): void {
  listener.text?.(text);
  const [, number, total, instruction] = STEP.exec(text) ?? [];
  if (instruction !== undefined) {
    state.step = { number: Number(number), total: Number(total), instruction };
    state.tail = '';
    listener.step?.(state.step);
  } else {
    // engines that are old tell the id in words only
    state.id ??= BUILT.exec(text)?.[1];
    if (!/^ ---> /.test(text)) state.tail = (state.tail + text).slice(-MAX_TAIL);
  }
}

function failed(message: string, line: BuildLine, { step, tail }: State): GantryError {
  const lines = withoutColors(tail)
    .split('\n')
    .filter((text) => text.trim() !== '');
  return new GantryError('client/build-failed', message, {
    details: {
      code: line.errorDetail?.code ?? 1,
      step,
      line: line.errorDetail?.line,
      lastLines: lines.slice(-LAST_LINES),
    },
  });
}

/** Docker colours stderr red by terminal codes of its own. */
function withoutColors(text: string): string {
  return text.replace(/\u001B\[\d+m/g, '');
}
