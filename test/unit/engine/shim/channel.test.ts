import { duplexPair } from 'node:stream';
import { expect, test } from 'vitest';
import { Channel } from '../../../../src/engine/shim/channel.ts';
import { decodeFields, encodeMessage, MessageReader, type RawMessage } from '../../../../src/engine/shim/codec.ts';
import { failureOf } from '../../../../src/engine/shim/failure.ts';
import { MESSAGES, STEPS } from '../../../../src/engine/shim/records.ts';

interface Pair {
  readonly channel: Channel;
  readonly events: RawMessage[];
  readonly closed: Promise<void>;
  /** Answers each request that comes. */
  readonly serve: (answer: (message: RawMessage) => Buffer[]) => void;
  readonly hangUp: () => void;
}

function makePair(): Pair {
  const [near, far] = duplexPair();
  const events: RawMessage[] = [];
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const channel = new Channel(near, {
    event: (message) => void events.push(message),
    closed: () => resolve(undefined),
  });
  const reader = new MessageReader();
  return {
    channel,
    events,
    closed: promise,
    serve: (answer) =>
      far.on('data', (chunk: Buffer) =>
        reader
          .push(chunk)
          .flatMap(answer)
          .forEach((reply) => far.write(reply)),
      ),
    hangUp: () => far.end(),
  };
}

test('replies find their requests in whatever order they come', async () => {
  const { channel, serve } = makePair();
  const held: RawMessage[] = [];
  serve((message) => {
    held.push(message);
    if (held.length < 2) return [];
    return held
      .toReversed()
      .map(({ id, body }) => encodeMessage(MESSAGES.started, id, { pid: decodeFields(MESSAGES.signal, body).signal }));
  });
  const ask = async (signal: number): Promise<number> =>
    (await channel.request(MESSAGES.signal, { signal, exec: '' }, MESSAGES.started)).pid;
  expect(await Promise.all([ask(1), ask(2)])).toEqual([1, 2]);
});

test('a failure carries its step, errno and path', async () => {
  const { channel, serve } = makePair();
  serve(({ id }) => [encodeMessage(MESSAGES.failed, id, { step: STEPS.indexOf('mount'), errno: 2, path: '/x' })]);
  const error: unknown = await channel.request(MESSAGES.go, {}, MESSAGES.ok).catch((caught: unknown) => caught);
  expect(failureOf(error)).toEqual({ step: 'mount', errno: 2, path: '/x' });
});

test('events go to the listener', async () => {
  const { channel, events, serve } = makePair();
  serve(({ id }) => [encodeMessage(MESSAGES.oomKill, 0, {}), encodeMessage(MESSAGES.ok, id, {})]);
  await channel.request(MESSAGES.go, {}, MESSAGES.ok);
  expect(events.map(({ type }) => type)).toEqual([MESSAGES.oomKill.type]);
});

test('when the other end goes, what waits fails and nothing more can be asked', async () => {
  const { channel, closed, hangUp } = makePair();
  const waiting = expect(channel.request(MESSAGES.go, {}, MESSAGES.ok)).rejects.toMatchObject({
    code: 'runtime/shim-lost',
  });
  hangUp();
  await Promise.all([waiting, closed]);
  await expect(channel.request(MESSAGES.go, {}, MESSAGES.ok)).rejects.toMatchObject({ code: 'runtime/shim-lost' });
  expect(channel.isOpen).toBe(false);
});

test('nonsense ends the connection', async () => {
  const { channel, closed, serve } = makePair();
  serve(() => [Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])]);
  await expect(channel.request(MESSAGES.go, {}, MESSAGES.ok)).rejects.toMatchObject({ code: 'runtime/shim-lost' });
  await closed;
});
