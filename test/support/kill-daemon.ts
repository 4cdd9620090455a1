// kill -9 of a stage's daemon, and of nothing else.
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { eventually } from './eventually.ts';
import type { Stage } from './stage.ts';

/** Kills the daemon and resolves when nobody answers on its socket any more. */
export async function killDaemon(stage: Stage): Promise<void> {
  const { ino } = await stat(stage.host.path);
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const here = await readlink(`/proc/${pid}/ns/net`).catch(() => '');
    const command = here === `net:[${ino}]` ? await readFile(`/proc/${pid}/cmdline`, 'utf8') : '';
    if (/engine[^\0]*\.(js|ts|cjs)/.test(command)) process.kill(Number(pid), 'SIGKILL');
  }
  const ping = ['-s', '--unix-socket', stage.socket, 'http://gantry/_ping'];
  await eventually(async () => ((await stage.host.run('curl', ping)).status === 0 ? undefined : true));
}
