import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { attach } from '../../../../src/engine/shim/attach-client.ts';
import { ATTACH_FLAGS } from '../../../../src/engine/shim/records.ts';

let folder = '';
let server: Server | undefined;

beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'at-'))));

afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listen(name: string, serve: (socket: Socket) => void): Promise<void> {
  server = createServer(serve);
  await new Promise<void>((resolve) => server?.listen(join(folder, name), resolve));
}

test('says what it wants, takes the offset, and leaves every byte behind it in the stream', async () => {
  let header: Buffer = Buffer.alloc(0);
  await listen('x-key', (socket) => {
    socket.once('data', (chunk: Buffer) => {
      header = chunk;
      const offset = Buffer.alloc(8);
      offset.writeBigUInt64LE(42n);
      socket.write(offset.subarray(0, 3));
      setImmediate(() => socket.end(Buffer.concat([offset.subarray(3), Buffer.from('output')])));
    });
  });
  const { output, logOffset, input } = await attach(
    folder,
    { stdin: false, stdout: true, stderr: false },
    { exec: 'key' },
  );
  expect(logOffset).toBe(42n);
  expect(await text(output)).toBe('output');
  expect(input).toBeUndefined();
  expect(header.toString('latin1', 0, 2)).toBe('GA');
  expect(header.readUInt16LE(2)).toBe(ATTACH_FLAGS.stdout);
});

test('input has a connection of its own, so that its breaking takes no output along', async () => {
  const flags: number[] = [];
  await listen('attach', (socket) => {
    socket.once('data', (chunk: Buffer) => {
      const wanted = chunk.readUInt16LE(2);
      flags.push(wanted);
      socket.write(Buffer.alloc(8));
      if (wanted === ATTACH_FLAGS.stdin) socket.destroy();
      else setTimeout(() => socket.end('last words'), 50);
    });
  });
  const { output, input } = await attach(folder, { stdin: true, stdout: true, stderr: true });
  input?.on('error', () => undefined).write('into nothing');
  expect(await text(output)).toBe('last words');
  expect(flags).toEqual([ATTACH_FLAGS.stdout | ATTACH_FLAGS.stderr, ATTACH_FLAGS.stdin]);
});

test('a shim that is not there, or ends before it answers, is lost', async () => {
  const all = { stdin: true, stdout: true, stderr: true };
  await expect(attach(folder, all)).rejects.toMatchObject({ code: 'runtime/shim-lost' });
});
