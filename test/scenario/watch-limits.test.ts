// At the kernel's limits of inotify a watch says which limit it is and looks for changes by itself instead.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { runChecked } from '../../src/base/process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const SCRIPT = `
import { writeFileSync } from 'node:fs';
import { startWatcher } from '${ROOT}src/watch/watcher.ts';
import { rule } from '${ROOT}test/support/watch-rules.ts';
const folder = process.argv[1];
const change = (path) => { console.log('changed ' + path); if (path.endsWith('/file')) void watcher.close(); };
const notice = (text) => console.log('notice ' + text);
const watcher = await startWatcher({ rules: [rule({ path: folder })], change, notice });
writeFileSync(folder + '/a/b/c/d/file', 'new');
`;

// the limits are those of a user namespace of the test's own
it.each([
  ['max_inotify_watches', 'fs.inotify.max_user_watches'],
  ['max_inotify_instances', 'fs.inotify.max_user_instances'],
])('%s', async (limit, sysctl) => {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-limits-'));
  await mkdir(join(folder, 'a/b/c/d'), { recursive: true });
  const shell = `echo ${limit === 'max_inotify_watches' ? 3 : 0} >/proc/sys/user/${limit}; exec "$@"`;
  const node = [process.execPath, '--input-type=module', '-e', SCRIPT, folder];
  const text = await runChecked('unshare', ['-Ur', 'sh', '-c', shell, 'sh', ...node], {
    signal: AbortSignal.timeout(20_000),
  });
  expect(text).toMatch(new RegExp(`notice .*${sysctl} is \\d+.*sudo sysctl -w ${sysctl}=\\d+`));
  expect(text).toContain(`changed ${folder}/a/b/c/d/file`);
  await rm(folder, { recursive: true });
});
