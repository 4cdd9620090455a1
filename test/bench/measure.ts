// The rounds of one case: contenders take turns, each step is timed, and each round is checked before it counts.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IMAGE, type Contender } from './contender.ts';

/** N services, each with a published port or none. */
export interface StackCase {
  readonly services: number;
  readonly ports: boolean;
}

/** The steps in the order they are run. */
export const STEPS = ['up -d', 'up -d again', 'ps', 'exec true', 'down -t 0'] as const;
export type Step = (typeof STEPS)[number];

/** All timings of one contender, ms by step and round, and the memory with everything up. */
export interface CaseResult {
  readonly name: string;
  readonly timings: Readonly<Record<Step, number[]>>;
  readonly memoryKiB: number[];
}

const FIRST_PORT = 21000;
/** Seconds a freshly started web server may take to answer; outside the timed part. */
const ANSWER_TRIES = 50;

/** Runs the rounds, after one that is not counted. */
export async function measureCase(
  stack: StackCase,
  contenders: readonly Contender[],
  rounds: number,
): Promise<CaseResult[]> {
  const results = contenders.map((contender) => ({ contender, result: emptyResult(contender.name) }));
  for (const { contender } of results) await writeFile(join(contender.folder, 'compose.yaml'), composeFile(stack));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { contender, result } of results) {
      await runRound(stack, contender, round === 0 ? emptyResult(contender.name) : result);
    }
  }
  return results.map(({ result }) => result);
}

function emptyResult(name: string): CaseResult {
  return { name, timings: { 'up -d': [], 'up -d again': [], ps: [], 'exec true': [], 'down -t 0': [] }, memoryKiB: [] };
}

async function runRound(stack: StackCase, contender: Contender, result: CaseResult): Promise<void> {
  const time = async (step: Step, args: readonly string[]): Promise<string> => {
    const { ms, stdout } = await contender.compose([
      '-p',
      'bench',
      '-f',
      join(contender.folder, 'compose.yaml'),
      ...args,
    ]);
    result.timings[step].push(ms);
    return stdout;
  };
  await time('up -d', ['up', '-d']);
  await checkAnswers(stack, contender);
  result.memoryKiB.push(await contender.memory());
  await time('up -d again', ['up', '-d']);
  await time('ps', ['ps']);
  await time('exec true', ['exec', '-T', 's1', 'true']);
  await time('down -t 0', ['down', '-t', '0']);
  await checkGone(contender);
}

function composeFile(stack: StackCase): string {
  const command = `["sh", "-c", "mkdir -p /www && hostname >/www/index.html && exec httpd -f -p 80 -h /www"]`;
  const services = numbers(stack).map((n) => {
    const port = stack.ports ? `\n    ports: ["${FIRST_PORT + n}:80"]` : '';
    return `  s${n}:\n    image: ${IMAGE}\n    command: ${command}${port}\n`;
  });
  return `services:\n${services.join('')}`;
}

async function checkAnswers(stack: StackCase, contender: Contender): Promise<void> {
  const byName = numbers(stack).map((n) => retry(`wget -q -O /dev/null http://s${n}/`));
  await contender.compose([
    '-p',
    'bench',
    '-f',
    join(contender.folder, 'compose.yaml'),
    'exec',
    '-T',
    's1',
    'sh',
    '-c',
    byName.join(' && '),
  ]);
  if (!stack.ports) return;
  const byPort = numbers(stack).map((n) =>
    retry(`curl -sf -o /dev/null --max-time 2 http://127.0.0.1:${FIRST_PORT + n}/`),
  );
  await contender.inside(['sh', '-c', byPort.join(' && ')]);
}

function retry(command: string): string {
  return `{ i=0; until ${command}; do i=$((i+1)); [ $i -lt ${ANSWER_TRIES} ] || exit 1; sleep 0.1; done; }`;
}

async function checkGone(contender: Contender): Promise<void> {
  const { stdout } = await contender.compose([
    '-p',
    'bench',
    '-f',
    join(contender.folder, 'compose.yaml'),
    'ps',
    '-a',
    '-q',
  ]);
  if (stdout.trim() !== '') throw new Error(`${contender.name}: down left containers behind`);
  const links = await contender.inside(['ip', '-o', 'link', 'show', 'type', 'veth']);
  if (links.trim() !== '') throw new Error(`${contender.name}: down left links behind: ${links}`);
}

function numbers(stack: StackCase): number[] {
  return Array.from({ length: stack.services }, (_, index) => index + 1);
}
