// Compares compose commands in one run: `up -d`, `up -d` again, `ps`, `exec`, `down -t 0` for stacks of N services.
// Every contender works in a network namespace of its own; a round counts only if each service answered by name
// (and by port, where it has one) and `down` left no container behind. Prints medians and ratios. It is no test.
//
//   node test/bench/stack.ts [--services 2,20p,50] [--rounds 5] \
//     [--peer NAME --compose 'COMMAND' --load 'COMMAND reading a root file system tar' [--daemon 'COMMAND']]
//
// `20p` means 20 services with a published port each. Commands are split at blanks and inherit the environment.
import { parseArgs } from 'node:util';
import { Contender, type ContenderOptions } from './contender.ts';
import { measureCase, type CaseResult, type StackCase } from './measure.ts';
import { printCase } from './report.ts';

const USAGE =
  'usage: node test/bench/stack.ts [--services 2,20p,50] [--rounds N] [--peer NAME --compose CMD --load CMD [--daemon CMD]]';

function options(): { cases: StackCase[]; rounds: number; contenders: ContenderOptions[] } {
  const { values } = parseArgs({
    options: {
      services: { type: 'string', default: '2,20p,50' },
      rounds: { type: 'string', default: '5' },
      peer: { type: 'string' },
      compose: { type: 'string' },
      load: { type: 'string' },
      daemon: { type: 'string' },
    },
  });
  const contenders: ContenderOptions[] = [
    { name: 'gantry', compose: 'bin/gantry', load: 'bin/gantry image import - IMAGE', own: true },
  ];
  if (values.peer !== undefined) contenders.push(peer(values.peer, values));
  return { cases: values.services.split(',').map(parseCase), rounds: Number(values.rounds), contenders };
}

function peer(name: string, values: { compose?: string; load?: string; daemon?: string }): ContenderOptions {
  if (values.compose === undefined || values.load === undefined) throw new Error(USAGE);
  const daemon = values.daemon === undefined ? {} : { daemon: values.daemon };
  return { name, compose: values.compose, load: values.load, own: false, ...daemon };
}

function parseCase(text: string): StackCase {
  const match = /^(\d+)(p?)$/.exec(text);
  if (match === null) throw new Error(USAGE);
  return { services: Number(match[1]), ports: match[2] === 'p' };
}

async function main(): Promise<void> {
  const { cases, rounds, contenders } = options();
  const started: Contender[] = [];
  try {
    for (const each of contenders) started.push(await Contender.start(each));
    for (const stack of cases) {
      const results: CaseResult[] = await measureCase(stack, started, rounds);
      printCase(stack, results);
    }
  } finally {
    for (const each of started) await each.stop();
  }
}

await main();
