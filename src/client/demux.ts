// Takes Docker's multiplexed stream apart: frames may be cut anywhere by the connection.
import type { Readable, Writable } from 'node:stream';
import { FRAME_HEADER, STREAMS } from '../api/frames.ts';

/** Gets each payload, in order; `stream` is 0 stdin, 1 stdout, 2 stderr, 3 a failure in words. */
export type FrameSink = (stream: number, payload: Buffer) => void;

/** A parser that is fed chunks. A header that cannot be one switches it to raw: all the rest is stdout. */
export function createDemuxer(sink: FrameSink): (chunk: Buffer) => void {
  const state: DemuxState = { held: Buffer.alloc(0), stream: 0, left: 0, raw: false };
  return (chunk) => {
    state.held = state.held.length === 0 ? chunk : Buffer.concat([state.held, chunk]);
    while (state.held.length > 0) {
      if (state.left === 0 && !state.raw && !readHeader(state)) return;
      writePayload(state, sink);
    }
  };
}

interface DemuxState {
  held: Buffer;
  stream: number;
  /** Bytes of the current payload still to come. */
  left: number;
  raw: boolean;
}

/** False when the header is not whole yet. */
function readHeader(state: DemuxState): boolean {
  if (state.held.length < FRAME_HEADER) return false;
  if (isHeader(state.held)) {
    state.stream = state.held.readUInt8(0);
    state.left = state.held.readUInt32BE(4);
    state.held = state.held.subarray(FRAME_HEADER);
  } else {
    state.raw = true;
    state.stream = STREAMS.stdout;
  }
  return true;
}

function writePayload(state: DemuxState, sink: FrameSink): void {
  const part = state.raw ? state.held : state.held.subarray(0, state.left);
  state.held = state.held.subarray(part.length);
  state.left -= state.raw ? 0 : part.length;
  // stdin is what was typed, shown where output goes, as Docker's own demultiplexer does
  if (part.length > 0) sink(state.stream === STREAMS.stdin ? STREAMS.stdout : state.stream, part);
}
/** Copies a multiplexed stream to two writables with back-pressure; never ends them. Resolves at the stream's end. */
export async function demuxStream(input: Readable, out: Writable, err: Writable): Promise<void> {
  const waits: Promise<void>[] = [];
  const feed = createDemuxer((stream, payload) => {
    const target = stream === STREAMS.stdout ? out : err;
    if (!target.write(payload)) waits.push(drained(target));
  });
  for await (const chunk of input as AsyncIterable<Buffer>) {
    feed(chunk);
    await Promise.all(waits.splice(0));
  }
}

function isHeader(bytes: Buffer): boolean {
  return bytes.readUInt8(0) <= STREAMS.system && bytes.readUInt8(1) === 0 && bytes.readUInt16BE(2) === 0;
}

async function drained(target: Writable): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const done = (): void => {
    for (const event of EVENTS) target.off(event, done);
    resolve(undefined);
  };
  for (const event of EVENTS) target.on(event, done);
  await promise;
}

const EVENTS = ['drain', 'close', 'error'] as const;
