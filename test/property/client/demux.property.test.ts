// Frames come out whole and in order, however the connection cut them.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeFrame } from '../../../src/api/frames.ts';
import { createDemuxer } from '../../../src/client/demux.ts';

const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.uint8Array({ minLength: 1, maxLength: 40 })), {
  maxLength: 12,
});

it('under any chunking', () => {
  fc.assert(
    fc.property(frames, fc.array(fc.integer({ min: 1, max: 25 }), { minLength: 1 }), (list, sizes) => {
      const wire = Buffer.concat(list.map(([stream, payload]) => encodeFrame(stream, payload)));
      const got = new Map<number, Buffer[]>();
      const feed = createDemuxer((stream, payload) =>
        got.set(stream, [...(got.get(stream) ?? []), Buffer.from(payload)]),
      );
      for (let at = 0, turn = 0; at < wire.length; turn += 1) {
        const size = sizes[turn % sizes.length] ?? 1;
        feed(wire.subarray(at, at + size));
        at += size;
      }
      for (const stream of [1, 2]) {
        const sent = Buffer.concat(list.filter(([at]) => at === stream).map(([, payload]) => Buffer.from(payload)));
        expect(Buffer.concat(got.get(stream) ?? [])).toEqual(sent);
      }
    }),
  );
});
