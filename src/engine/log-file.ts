// The engine's log: `<data>/engine.log`, capped by one rotation to engine.log.1. Written synchronously, so that the last
// words before a crash are in it.
import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';

/** Size at which the log is rotated, in bytes; twice this is the most it takes. */
const MAX_LOG = 8 * 1024 * 1024;

/** Opens the log for appending. */
export function openLogFile(data: string, maxBytes = MAX_LOG): Writable {
  const path = join(data, 'engine.log');
  let fd = openSync(path, 'a', 0o600);
  let size = fstatSync(fd).size;
  const append = (line: Buffer): void => {
    if (size > 0 && size + line.length > maxBytes) {
      closeSync(fd);
      renameSync(path, `${path}.1`);
      fd = openSync(path, 'a', 0o600);
      size = 0;
    }
    size += writeSync(fd, line);
  };
  return new Writable({
    write(line: Buffer, _encoding, done) {
      try {
        append(line);
      } catch {
        // a full disk must not end the engine for the sake of its log
      }
      done();
    },
    final(done) {
      closeSync(fd);
      done();
    },
  });
}
