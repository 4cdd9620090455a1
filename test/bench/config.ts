// How long it takes to load and check a large project: `config -q` of 100 services, gantry and other compose commands in
// turns, beside a bare start of Node. Prints medians, the ratio to each peer and what gantry adds to the bare start. No test.
//   node test/bench/config.ts [--services 100] [--rounds 21] [--peer NAME --compose 'COMMAND']...
//
// gantry is bin/gantry, which takes dist/ when it is built: build it first. Commands are split at blanks.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runChecked } from '../../src/base/process.ts';

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly times: number[];
}

const { values } = parseArgs({
  options: {
    services: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '21' },
    peer: { type: 'string', multiple: true, default: [] },
    compose: { type: 'string', multiple: true, default: [] },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'gantry-bench-config-'));
try {
  await writeFile(join(folder, 'compose.yaml'), composeFile(Number(values.services)));
  await writeFile(join(folder, '.env'), 'TAG=1.27\nLEVEL=info\nDOMAIN=example.com\n');
  await writeFile(join(folder, 'bare.cjs'), '');
  const bare: Contender = { name: 'bare node', command: [process.execPath, join(folder, 'bare.cjs')], times: [] };
  const gantry: Contender = { name: 'gantry', command: [resolve('bin/gantry'), 'config', '-q'], times: [] };
  const peers = values.peer.map((name, index) => peer(name, values.compose[index] ?? ''));
  for (let round = 0; round <= Number(values.rounds); round += 1)
    for (const one of [bare, gantry, ...peers]) {
      const took = await time(one.command);
      if (round > 0) one.times.push(took); // the first warms the caches
    }
  for (const one of [bare, gantry, ...peers]) console.log(`${one.name.padEnd(16)} ${median(one.times).toFixed(1)} ms`);
  console.log(`gantry adds ${median(paired(gantry, bare, (a, b) => a - b)).toFixed(1)} ms to a bare start`);
  for (const one of peers)
    console.log(`gantry / ${one.name}: ${median(paired(gantry, one, (a, b) => a / b)).toFixed(3)}`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function peer(name: string, compose: string): Contender {
  if (compose === '') throw new Error(`--peer ${name} needs a --compose`);
  const [file = '', ...rest] = compose.split(' ');
  return { name, command: [file.includes('/') ? resolve(file) : file, ...rest, 'config', '-q'], times: [] };
}

async function time([file = '', ...args]: readonly string[]): Promise<number> {
  const began = performance.now();
  await runChecked(file, args, { cwd: folder });
  return performance.now() - began;
}

function paired(a: Contender, b: Contender, how: (a: number, b: number) => number): number[] {
  return a.times.map((value, round) => how(value, b.times[round] ?? Number.NaN));
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Services as people write them: most with variables, ports, mounts, checks and dependencies. */
function composeFile(count: number): string {
  const services = Array.from({ length: count }, (_, n) => service(n));
  const volumes = Array.from({ length: count }, (_, n) => `  data${n}:\n`);
  return `name: bench
x-logging: &logging
  driver: json-file
  options: { max-size: 10m, max-file: "3" }
services:
${services.join('')}networks:
  front:
  back: { internal: true }
volumes:
${volumes.join('')}`;
}

function service(n: number): string {
  const needs = n === 0 ? '' : `    depends_on:\n      s${n - 1}: { condition: service_healthy }\n`;
  return `  s${n}:
    image: registry.example.com/team/service${n}:\${TAG:-latest}
    command: ["serve", "--port", "80", "--level", "\${LEVEL}"]
    logging: *logging
    restart: unless-stopped
    environment:
      NAME: service${n}
      URL: https://s${n}.\${DOMAIN}/
      DEBUG: "false"
    labels: [team=a, tier=${n % 3}]
    ports: ["127.0.0.1:${20_000 + n}:80"]
    volumes: ["data${n}:/var/lib/data", "./conf/${n}:/etc/service:ro"]
    networks: [front, back]
    healthcheck:
      test: [CMD, wget, -q, -O, /dev/null, "http://localhost/"]
      interval: 10s
      timeout: 2s
    deploy:
      resources:
        limits: { cpus: "0.5", memory: 128M }
${needs}`;
}
