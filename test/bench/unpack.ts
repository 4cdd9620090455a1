// Compares taking in a large image: `docker load` of a generated archive by gantry and by other daemons, taking turns in
// one run. Each turn has an image of its own and nothing is removed in between: ext4 takes ten times as long to make a
// file for some seconds after many were deleted. Prints medians and ratios. It is no test.
//
//   node test/bench/unpack.ts [--mib 300] [--files 20000] [--rounds 5] [--layers 1] [--gzip] [--peer NAME --daemon 'COMMAND']
//
// The peer's command is split at blanks, may use DIR for a private folder, and must serve unix:///DIR/peer.sock. Each side
// lives in a network namespace of its own. It needs the docker command.
import { spawn, type ChildProcess } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { runChecked, runProcess } from '../../src/base/process.ts';
import { TestEngine } from '../support/engine.ts';
import { Netns } from '../support/netns.ts';
import { tarEntry, tarOf } from '../support/tar.ts';

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '300' },
    files: { type: 'string', default: '20000' },
    layers: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    gzip: { type: 'boolean', default: false },
    peer: { type: 'string' },
    daemon: { type: 'string' },
  },
});

interface Side extends AsyncDisposable {
  readonly name: string;
  readonly socket: string;
  readonly times: number[];
}

/** Bytes that compress to about a half, the same in every run. */
function content(size: number): Buffer {
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size));
  for (let at = 32; at < size; at += 64) noise.fill(0x61, at, at + 32);
  return noise;
}

/** A layer of files of many sizes in folders of a hundred, and what it is known by. */
function layerOf(number: number, turn: number, counts: { readonly files: number; readonly bytes: number }): Buffer {
  const stock = content(4 * 1024 * 1024);
  const mean = counts.bytes / counts.files;
  const parts: Buffer[] = [];
  for (let file = 0; file < counts.files; file += 1) {
    const folder = `l${number}/d${Math.floor(file / 100)}`;
    if (file % 100 === 0) parts.push(tarEntry({ name: `${folder}/`, type: '5', mode: 0o755 }));
    const size = Math.round(mean * (0.2 + ((file * 7919) % 1600) / 1000));
    const from = (file * 4099 + turn) % (stock.length - size);
    parts.push(tarEntry({ name: `${folder}/f${file}`, data: stock.subarray(from, from + size) }));
  }
  return Buffer.concat([...parts, Buffer.alloc(1024)]);
}

function archive(turn: number): Buffer {
  const count = Number(values.layers);
  const each = { files: Number(values.files) / count, bytes: (Number(values.mib) * 1024 * 1024) / count };
  const tars = Array.from({ length: count }, (_unused, index) => layerOf(index, turn, each));
  const diffIds = tars.map((tar) => `sha256:${createHash('sha256').update(tar).digest('hex')}`);
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: diffIds } });
  const Layers = tars.map((_tar, index) => `${index}/layer.tar`);
  return tarOf(
    ...tars.map((tar, index) => ({ name: `${index}/layer.tar`, data: values.gzip ? gzipSync(tar) : tar })),
    { name: 'config.json', data: config },
    {
      name: 'manifest.json',
      data: JSON.stringify([{ Config: 'config.json', RepoTags: [`gantry-unpack:${turn}`], Layers }]),
    },
  );
}

async function ours(): Promise<Side> {
  const engine = await TestEngine.start();
  return {
    name: 'gantry',
    socket: engine.socket,
    times: [],
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

async function peer(name: string, command: string): Promise<Side> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-bench-'));
  const netns = await Netns.create('peer');
  const [file = '', ...args] = command.replaceAll('DIR', folder).split(' ');
  const daemon: ChildProcess = spawn('nsenter', netns.enter(file, args), { stdio: 'ignore' });
  const socket = join(folder, 'peer.sock');
  for (let left = 100; left > 0 && (await docker(socket, 'version')) !== 0; left -= 1) await sleep(100);
  const stop = async (): Promise<void> => {
    daemon.kill('SIGTERM');
    if (daemon.exitCode === null) await once(daemon, 'exit');
    await netns[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
  return { name, socket, times: [], [Symbol.asyncDispose]: stop };
}

async function docker(socket: string, ...args: string[]): Promise<number> {
  return (await runProcess('docker', ['-H', `unix://${socket}`, ...args])).status;
}

async function round(side: Side, file: string): Promise<number> {
  await runChecked('sync', []);
  const before = performance.now();
  await runChecked('docker', ['-H', `unix://${side.socket}`, 'load', '-q', '-i', file]);
  return performance.now() - before;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

await using undo = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'gantry-unpack-'));
undo.defer(async () => rm(folder, { recursive: true, force: true }));
const file = join(folder, 'image.tar');
const sides = [undo.use(await ours())];
if (values.peer !== undefined) sides.push(undo.use(await peer(values.peer, values.daemon ?? '')));
for (let turn = 0; turn <= Number(values.rounds); turn += 1) {
  await writeFile(file, archive(turn));
  for (const side of sides) {
    const took = await round(side, file);
    // the first turn is not counted
    if (turn > 0) side.times.push(took);
  }
}
const [first] = sides;
for (const { name, times } of sides) {
  const ratio = median((first?.times ?? []).map((time, index) => time / (times[index] ?? NaN)));
  console.log(
    `${name.padEnd(12)} ${median(times).toFixed(0).padStart(6)} ms   gantry/${name} ${ratio.toFixed(2)}   [${times.map((time) => time.toFixed(0)).join(' ')}]`,
  );
}
