// Compares builds of a 12-step Dockerfile in one run: cold (no cache) and with every step cached, by POST /build as the
// classic docker client sends it. Contenders take turns; a round counts only if the image that was built runs and says
// what was built into it. Prints medians and ratios. It is no test.
//
//   node test/bench/build.ts [--rounds 7] [--peer NAME --socket PATH --daemon 'COMMAND']
//
// The peer's daemon is started in a network namespace of its own and must listen on the socket.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { processEnv } from '../../src/base/env.ts';
import { TestEngine } from '../support/engine.ts';
import { Netns } from '../support/netns.ts';
import { busyboxRootfs } from '../support/rootfs.ts';
import { tarOf } from '../support/tar.ts';

const DOCKERFILE = `FROM bench-base:1
ENV MODE=production LEVEL=3
WORKDIR /srv
COPY package.json ./
RUN mkdir -p modules && for i in 1 2 3 4 5 6 7 8; do echo "module $i" >modules/$i; done
COPY lib ./lib
RUN cat lib/* >bundle
RUN addgroup -S web && adduser -S -G web web || true
LABEL org.example.stage=final
EXPOSE 8080
USER nobody
CMD ["cat", "/srv/bundle"]
`;

/** A daemon that builds. */
interface Side extends AsyncDisposable {
  readonly name: string;
  readonly socket: string;
  readonly times: { readonly cold: number[]; readonly cached: number[] };
}

function context(): Buffer {
  const lib = Array.from({ length: 40 }, (_unused, index) => ({
    name: `lib/part-${index}.txt`,
    data: `part ${index}\n`.repeat(200),
  }));
  return tarOf({ name: 'Dockerfile', data: DOCKERFILE }, { name: 'package.json', data: '{}' }, ...lib);
}

async function call(side: Side, path: string, body?: NodeJS.ReadableStream | Buffer): Promise<string> {
  const options = { socketPath: side.socket, path, method: 'POST', headers: { 'Content-Type': 'application/x-tar' } };
  const sent = request(options);
  if (body === undefined || Buffer.isBuffer(body)) sent.end(body);
  else body.pipe(sent);
  const [answer] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
  const text = (await buffer(answer)).toString();
  if (answer.statusCode >= 300 || text.includes('"errorDetail"')) throw new Error(`${side.name} ${path}: ${text}`);
  return text;
}

async function timedBuild(side: Side, tar: Buffer, noCache: boolean): Promise<number> {
  const before = performance.now();
  const text = await call(side, `/v1.41/build?t=bench-built:1&rm=1&forcerm=1&nocache=${noCache ? 1 : 0}`, tar);
  const ms = performance.now() - before;
  const hits = text.split('Using cache').length - 1;
  if (!text.includes('Successfully built') || hits !== (noCache ? 0 : 11)) throw new Error(`${side.name}: ${text}`);
  return ms;
}

/** The image must run and say what was built into it. */
async function check(side: Side): Promise<void> {
  const sent = request({
    socketPath: side.socket,
    path: '/v1.41/containers/create',
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
  });
  sent.end(JSON.stringify({ Image: 'bench-built:1', HostConfig: { NetworkMode: 'none' } }));
  const [answer] = (await once(sent, 'response')) as [NodeJS.ReadableStream];
  const { Id } = JSON.parse((await buffer(answer)).toString()) as { readonly Id: string };
  await call(side, `/v1.41/containers/${Id}/start`);
  const wait = JSON.parse(await call(side, `/v1.41/containers/${Id}/wait`)) as { readonly StatusCode: number };
  const logs = request({ socketPath: side.socket, path: `/v1.41/containers/${Id}/logs?stdout=1` });
  logs.end();
  const [said] = (await once(logs, 'response')) as [NodeJS.ReadableStream];
  const text = (await buffer(said)).toString();
  const gone = request({ socketPath: side.socket, path: `/v1.41/containers/${Id}?force=1`, method: 'DELETE' });
  gone.end();
  await once(gone, 'response');
  if (wait.StatusCode !== 0 || !text.includes('part 39')) throw new Error(`${side.name}: the image does not work`);
}

async function gantry(): Promise<Side> {
  const engine = await TestEngine.start();
  const times = { cold: [], cached: [] };
  return {
    name: 'gantry',
    socket: engine.socket,
    times,
    [Symbol.asyncDispose]: async () => engine[Symbol.asyncDispose](),
  };
}

async function peer(name: string, socket: string, command: string): Promise<Side> {
  const netns = await Netns.create('bench');
  const [file = '', ...args] = command.split(' ');
  const child = spawn('nsenter', netns.enter(file, args), { stdio: 'ignore', env: { ...processEnv() } });
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    await netns[Symbol.asyncDispose]();
  };
  return { name, socket, times: { cold: [], cached: [] }, [Symbol.asyncDispose]: stop };
}

async function loadBase(side: Side): Promise<void> {
  const { tar } = await busyboxRootfs();
  for (let left = 100; ; left -= 1) {
    try {
      await call(side, '/v1.41/images/create?fromSrc=-&repo=bench-base&tag=1', createReadStream(tar));
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(200); // it does not listen yet
    }
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '7' },
      peer: { type: 'string' },
      socket: { type: 'string' },
      daemon: { type: 'string' },
    },
  });
  await using undo = new AsyncDisposableStack();
  const sides = [undo.use(await gantry())];
  if (values.peer !== undefined)
    sides.push(undo.use(await peer(values.peer, values.socket ?? '', values.daemon ?? '')));
  for (const side of sides) await loadBase(side);
  const tar = context();
  for (let round = 0; round <= Number(values.rounds); round += 1) {
    for (const side of sides) {
      const cold = await timedBuild(side, tar, true);
      const cached = await timedBuild(side, tar, false);
      await check(side);
      // the first round only warms up
      if (round > 0) side.times.cold.push(cold);
      if (round > 0) side.times.cached.push(cached);
    }
  }
  for (const step of ['cold', 'cached'] as const) {
    const medians = sides.map((side) => `${side.name} ${median(side.times[step]).toFixed(1)} ms`);
    const ratio =
      sides[1] === undefined
        ? ''
        : ` · ratio ${(median(sides[0]?.times[step] ?? []) / median(sides[1].times[step])).toFixed(2)}`;
    console.log(`${step}: ${medians.join(' / ')}${ratio}`);
  }
}

await main();
