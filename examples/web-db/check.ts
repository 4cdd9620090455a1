// The client on the host: two requests to the published port, each of which passes nginx, the web
// application and the database, and leaves a line in the bound file.
//
//   node check.ts [HOST:PORT]     or WEB_ADDRESS=HOST:PORT; 127.0.0.1:8080 otherwise
//   WEB_HITS_FILE                 the bound file; hits.log beside this script otherwise
//   WEB_CHECK_SECONDS             the deadline for all of it; 60 otherwise
//
// Exits with 0 when all three answered, with 1 and one line on stderr when not.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';

const address = process.argv[2] ?? process.env['WEB_ADDRESS'] ?? '127.0.0.1:8080';
const hitsFile = process.env['WEB_HITS_FILE'] ?? fileURLToPath(new URL('hits.log', import.meta.url));
const seconds = Number(process.env['WEB_CHECK_SECONDS'] ?? '60');
const deadline = Date.now() + seconds * 1000;

interface Answer {
  readonly visit: number;
  readonly path: string;
  readonly web: string;
  readonly database: string;
}

async function main(): Promise<void> {
  const path = `/check-${randomUUID().slice(0, 8)}`;
  const first = await untilAnswered(path);
  const second = await visit(path);
  expect(second.visit > first.visit, `the database counted visit ${second.visit} after visit ${first.visit}`);
  const hits = await readFile(hitsFile, 'utf8');
  for (const { visit } of [first, second]) {
    const found = hits.split('\n').some((line) => line.startsWith(`${visit} `) && line.endsWith(` ${path}`));
    expect(found, `${hitsFile} has no line for visit ${visit}`);
  }
  console.log(`visits ${first.visit} and ${second.visit} are in ${hitsFile}`);
}

/** Tries again, five times a second, until a visit is answered; at the deadline fails with the last reason. */
async function untilAnswered(path: string): Promise<Answer> {
  for (;;) {
    try {
      return await visit(path);
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`no answer within ${seconds} s: ${reason(error)}`);
      await sleep(200);
    }
  }
}

async function visit(path: string): Promise<Answer> {
  const response = await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(5000) });
  const text = await response.text();
  expect(response.ok, `status ${response.status}: ${text.trim()}`);
  const proxy = response.headers.get('server') ?? 'nobody';
  expect(proxy.startsWith('nginx'), `the answer came through ${proxy}, not through nginx`);
  const answer = JSON.parse(text) as Answer;
  expect(answer.path === path, `the web application saw ${answer.path}, not ${path}`);
  expect(answer.database.startsWith('PostgreSQL '), `the database is ${answer.database}, not PostgreSQL`);
  console.log(`visit ${answer.visit}: ${proxy} -> web ${answer.web} -> ${answer.database}`);
  return answer;
}

function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** The innermost message: fetch says only `fetch failed` and has the reason in its cause. */
function reason(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reason(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reason(error.cause);
}

try {
  await main();
} catch (error) {
  console.error(`check: ${address}: ${reason(error)}`);
  process.exitCode = 1;
}
