// Collects bytes of a raw connection until a caller finds in them what it looks for, then puts the rest back.
import type { Socket } from 'node:net';
import { GantryError } from '../../base/error.ts';

/** What is looked for. */
export interface Wanted<T extends { readonly used: number }> {
  /** Bytes that have already been read. */
  readonly first: Buffer;
  /** Most bytes that are held before `tooLarge` is thrown. */
  readonly max: number;
  readonly tooLarge: () => GantryError;
  /** Finds it in all bytes so far: undefined = not yet; `used` bytes are consumed, the others put back. May throw. */
  readonly take: (bytes: Buffer) => T | undefined;
}

/** Resolves with what `take` found, the socket paused and at the byte behind it. Rejects when the connection ends before. */
export async function receive<T extends { readonly used: number }>(socket: Socket, wanted: Wanted<T>): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  let bytes = wanted.first;
  const onData = (chunk: Buffer): void => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
    try {
      const found = wanted.take(bytes);
      if (found !== undefined) {
        socket.pause();
        if (found.used < bytes.length) socket.unshift(bytes.subarray(found.used));
        resolve(found);
      } else if (bytes.length > wanted.max) throw wanted.tooLarge();
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const onGone = (): void => reject(new GantryError('base/aborted', 'the client has gone'));
  socket.on('data', onData).on('end', onGone).on('close', onGone);
  socket.resume();
  try {
    return await promise;
  } finally {
    socket.off('data', onData).off('end', onGone).off('close', onGone);
  }
}
