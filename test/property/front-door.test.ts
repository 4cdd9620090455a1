// The front door under any splitting of what a client sends, and under rubbish.
import { pipeline } from 'node:stream/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Handlers } from '../../src/engine/http/types.ts';
import { openDoor, readAll, type TestDoor } from '../unit/engine/http/door.ts';

const HANDLERS: Handlers = {
  execStart: async (request) => {
    const body = JSON.stringify(await request.json());
    return {
      contentType: 'application/vnd.docker.raw-stream',
      serve: async (socket) => {
        socket.write(`<${body}>`);
        await pipeline(socket, socket);
      },
    };
  },
  version: () => Promise.resolve({ json: 'alive' }),
};

/** Sends the bytes cut at these places, ends, and gives the whole answer. */
async function send(door: TestDoor, bytes: Buffer, cuts: readonly number[]): Promise<Buffer> {
  const client = await door.open();
  client.on('error', () => undefined); // a refusal may close the connection while we still write
  const answer = readAll(client);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  for (const [index, from] of [0, ...places].entries()) {
    client.write(bytes.subarray(from, places[index] ?? bytes.length));
    await new Promise((resolve) => setImmediate(resolve));
  }
  client.end();
  return Buffer.from(await answer, 'latin1');
}

function request(json: string, chunks: number): string {
  const head =
    'POST /v1.45/exec/e/start HTTP/1.1\r\nContent-Type: application/json\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n';
  const bytes = Buffer.from(json);
  if (chunks === 0) return `${head}Content-Length: ${bytes.length}\r\n\r\n${json}`;
  const size = Math.max(1, Math.ceil(bytes.length / chunks));
  let body = '';
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    body += `${part.length.toString(16)}\r\n${part.toString('latin1')}\r\n`;
  }
  return `${head}Transfer-Encoding: chunked\r\n\r\n${body}0\r\n\r\n`;
}

test('no splitting loses, doubles or moves a byte of body or stdin', async () => {
  await using door = await openDoor(HANDLERS);
  const ascii = fc.string({ unit: 'binary-ascii', maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      fc.record({ Tty: fc.boolean(), text: ascii }),
      fc.uint8Array({ maxLength: 300 }),
      fc.nat({ max: 4 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      async (body, stdin, chunks, cuts) => {
        const bytes = Buffer.concat([Buffer.from(request(JSON.stringify(body), chunks), 'latin1'), stdin]);
        const answer = await send(door, bytes, cuts);
        const start = answer.indexOf('\r\n\r\n') + 4;
        const greeting = Buffer.from(`<${JSON.stringify(body)}>`);
        expect(answer.subarray(start).equals(Buffer.concat([greeting, stdin]))).toBe(true);
      },
    ),
    { numRuns: 150 },
  );
});

test('rubbish is refused or dropped, and the next client is served', async () => {
  await using door = await openDoor(HANDLERS);
  const line = fc.constantFrom(
    'POST /exec/e/start HTTP/1.1',
    'GET /version HTTP/1.1',
    'POST /exec/%zz/start HTTP/1.1',
    'X',
  );
  const header = fc.constantFrom(
    'Content-Length: 5',
    'Content-Length: -1',
    'Transfer-Encoding: chunked',
    'Connection: Upgrade',
    'Upgrade: tcp',
    'Expect: 100-continue',
    ': x',
    '\0',
    'Content-Type: application/json',
  );
  await fc.assert(
    fc.asyncProperty(
      line,
      fc.array(header, { maxLength: 5 }),
      fc.uint8Array({ maxLength: 80 }),
      async (first, headers, rest) => {
        const head = `${[first, ...headers].join('\r\n')}\r\n\r\n`;
        const answer = await send(door, Buffer.concat([Buffer.from(head, 'latin1'), rest]), []);
        expect(answer.toString('latin1')).toMatch(/^($|HTTP\/1\.1 \d{3} )/);
        expect(await door.exchange('GET /version HTTP/1.1\r\nHost: x\r\n\r\n')).toContain('"alive"');
      },
    ),
    { numRuns: 200 },
  );
  await expect.poll(() => door.door.connections()).toBe(0);
});
