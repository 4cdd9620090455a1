// From save to new content readable in the container: 100 saves of a file under `gantry watch`, median and 95th
// percentile. The content is read at the container's own root, so nothing but the watch is measured.
//   node test/bench/watch.ts [SAVES [SOCKET]]
//
// With the socket of another engine, gantry drives that one.
import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import type { ContainerInspect } from '../../src/api/containers.ts';
import { callApi } from '../support/api.ts';
import { Stage } from '../support/stage.ts';
import { startWatching } from '../support/watching.ts';

const COMPOSE = `
services:
  web:
    image: busybox
    command: ["sh", "-c", "mkdir -p /app/src; exec sleep 100000"]
    stop_grace_period: 0s
    develop:
      watch: [{ path: ./src, action: sync, target: /app/src, initial_sync: true }]
`;

/** Ways in which editors save. */
const WAYS = {
  'written in place': async (path: string, text: string): Promise<void> => await writeFile(path, text),
  'written beside and renamed': async (path: string, text: string): Promise<void> => {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  },
};

const saves = Number(process.argv[2] ?? 100);
await using stage = await Stage.create('bench-watch');
const socket = process.argv[3] ?? stage.socket;
const host = process.argv[3] === undefined ? [] : ['--host', `unix://${socket}`];
if (host.length === 0) await stage.importBusybox();
await stage.write('compose.yaml', COMPOSE);
await mkdir(join(stage.folder, 'src'));
const watching = startWatching(stage, [...host, '-p', 'bench', 'watch']);
await watching.until(/enabled for web/);
const root = `/proc/${await pidOf('bench-web-1')}/root/app/src`;
for (const [way, save] of Object.entries(WAYS)) {
  const times: number[] = [];
  for (let round = 0; round < saves; round += 1) times.push(await measure(save, `${way} ${round}\n`));
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  process.stdout.write(`${way}: ${saves} saves, median ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(0.9999)} ms\n`);
}
await watching.stop();
await stage.ok([...host, '-p', 'bench', 'down', '-t', '0']);

async function measure(save: (path: string, text: string) => Promise<void>, text: string): Promise<number> {
  await sleep(50 + 100 * Math.random());
  const began = performance.now();
  await save(join(stage.folder, 'src', 'page.html'), text);
  while (contentOf(join(root, 'page.html')) !== text) {
    if (performance.now() - began > 10_000) throw new Error(`not in the container after 10 s: ${text}`);
    await sleep(0);
  }
  return performance.now() - began;
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function pidOf(container: string): Promise<number> {
  const { body } = await callApi(socket, `/containers/${container}/json`);
  return (JSON.parse(body) as ContainerInspect).State.Pid;
}
