// Addresses, queries and streams of JSON lines.
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../../src/client/address.ts';
import { finishProgress, followJson } from '../../../src/client/follow.ts';
import { buildQuery } from '../../../src/client/query.ts';

describe('addresses', () => {
  it.each([
    ['unix:///run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
    ['/run/x.sock', { kind: 'unix', path: '/run/x.sock' }],
    ['unix://', { kind: 'unix', path: '/var/run/docker.sock' }],
    ['tcp://h:99', { kind: 'tcp', host: 'h', port: 99 }],
    ['tcp://h', { kind: 'tcp', host: 'h', port: 2375 }],
    ['http://[::1]:9', { kind: 'tcp', host: '::1', port: 9 }],
  ])('%s', (text, address) => {
    expect(parseAddress(text)).toMatchObject(address);
  });

  it.each(['ssh://a', 'npipe://x', 'what'])('%s is refused', (text) => {
    expect(() => parseAddress(text)).toThrow(/cannot use engine address/);
  });
});

it('queries repeat lists, write objects as JSON and leave out what is not there', () => {
  expect(buildQuery({ a: [1, 2], b: { c: true }, d: undefined, e: null, f: false, g: '' })).toBe(
    '?a=1&a=2&b=%7B%22c%22%3Atrue%7D&f=false&g=',
  );
  expect(buildQuery({})).toBe('');
});

async function all(lines: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const list: unknown[] = [];
  for await (const line of lines) list.push(line);
  return list;
}

describe('JSON lines', () => {
  const stream = (...chunks: string[]): Readable =>
    Readable.from(
      chunks.map((chunk) => Buffer.from(chunk)),
      { objectMode: true },
    );

  it('may be cut anywhere, have CRLF, and miss the last line end', async () => {
    expect(await all(followJson(stream('{"a', '":1}\r\n{"b":"', 'ü"}\n\n', '{"c":3}')))).toEqual([
      { a: 1 },
      { b: 'ü' },
      { c: 3 },
    ]);
  });

  it('that are none, reject', async () => {
    await expect(all(followJson(stream('nonsense\n')))).rejects.toMatchObject({ code: 'client/protocol' });
  });

  it('an error in the stream is an error', async () => {
    await expect(
      finishProgress(stream('{"status":"a"}\n', '{"errorDetail":{"message":"bad tar"},"error":"bad tar"}\n')),
    ).rejects.toThrow('bad tar');
  });
});
