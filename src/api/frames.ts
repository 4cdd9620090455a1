// Docker's multiplexed stream: 8 bytes of header (stream, 0, 0, 0, big-endian length) before each payload.

/** Streams a frame may carry; `system` is the text of a failure within the stream. */
export const STREAMS = { stdin: 0, stdout: 1, stderr: 2, system: 3 } as const;

export const FRAME_HEADER = 8;

/** One frame around a payload. */
export function encodeFrame(stream: number, payload: Uint8Array): Buffer {
  const frame = Buffer.alloc(FRAME_HEADER + payload.length);
  frame.writeUInt8(stream, 0);
  frame.writeUInt32BE(payload.length, 4);
  frame.set(payload, FRAME_HEADER);
  return frame;
}

export const MULTIPLEXED_TYPE = 'application/vnd.docker.multiplexed-stream';
export const RAW_TYPE = 'application/vnd.docker.raw-stream';
