// The entry of the command line, and the only place that ends the process. Loads the code of the one verb that is called.
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import { processEnv } from '../base/env.ts';
import { listenForInterrupts } from './interrupts.ts';
import type { Io } from './io.ts';
import { CURSOR } from './output/ansi.ts';
import { runCli } from './run.ts';

async function main(): Promise<void> {
  const { stdout, stderr } = process;
  const interrupts = listenForInterrupts(process, () => {
    if (stderr.isTTY) stderr.write(CURSOR.show);
    process.exit(130);
  });
  // a reader that has seen enough (head, less) is no failure
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  }
  const io: Io = {
    // opened by the few verbs that read it: that alone takes some milliseconds
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
  };
  const input = { io, env: processEnv(), cwd: workingFolder(), interrupts };
  process.exitCode = await runCli(process.argv.slice(2), input);
  interrupts.dispose();
}

/** The folder under the name it was entered by: behind a symbolic link, PWD knows it. */
function namedFolder(name: string | undefined): string | undefined {
  if (name === undefined || !isAbsolute(name)) return undefined;
  const [named, real] = [name, '.'].map((path) => statSync(path, { throwIfNoEntry: false }));
  return named !== undefined && named.ino === real?.ino && named.dev === real.dev ? name : undefined;
}

/** Where it was started; "/" once that has been removed, as `up -p` and `docker` verbs need no folder. */
function workingFolder(): string {
  try {
    return namedFolder(processEnv()['PWD']) ?? process.cwd();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    process.stderr.write('gantry: warning: the working directory has been removed; going on in /\n');
    process.chdir('/');
    return '/';
  }
}

void main();
