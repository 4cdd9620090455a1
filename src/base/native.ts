// Finds gantry's own C programs: beside the bundle that runs (dist/native/<arch>), else where make puts them in a checkout.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GantryError } from './error.ts';

/** One of the programs of runtime-native. */
export type NativeProgram = 'gantry-shim' | 'gantry-fs';

/** Absolute path of a program. Throws base/process-failed when it was not built. */
export function nativeProgram(name: NativeProgram): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const places = [join(here, 'native', process.arch, name), join(here, '../../runtime-native/build', name)];
  const found = places.find((path) => existsSync(path));
  if (found === undefined) {
    throw new GantryError('base/process-failed', `${name} for ${process.arch} is missing from this installation`, {
      hint: 'in a checkout, build it with: make -C runtime-native',
    });
  }
  return found;
}
