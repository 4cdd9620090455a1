// What each instruction must have: counts of arguments and shapes of values, with Docker's texts. What only the
// build can know (does the stage exist, is the user there) is the executor's.
import { parseError } from './failure.ts';
import { checkHealth } from './health.ts';
import type { Instruction, Keyword } from './types.ts';

/** Throws engine/invalid-dockerfile for the first thing that is wrong with an instruction. */
export function checkInstruction(instruction: Instruction): void {
  const problem = CHECKS[instruction.keyword](instruction);
  if (problem !== undefined) throw parseError(instruction.line, problem);
  if (instruction.onbuild !== undefined) checkInstruction(instruction.onbuild);
}

/** Throws engine/invalid-dockerfile when anything but ARG stands before the first FROM, or there is no FROM. */
export function checkOrder(instructions: readonly Instruction[]): void {
  const first = instructions.find(({ keyword }) => keyword !== 'ARG');
  if (first?.keyword === 'FROM') return;
  const line = first?.line ?? instructions[0]?.line ?? 1;
  throw parseError(line, 'no build stage in current context', 'begin with FROM; only ARG may stand before it');
}

/** The problem, or undefined. */
type Check = (instruction: Instruction) => string | undefined;

const atLeastOne: Check = ({ keyword, args }) =>
  args.length === 0 ? `${keyword} requires at least one argument` : undefined;

const exactlyOne: Check = ({ keyword, args }) =>
  args.length === 1 ? undefined : `${keyword} requires exactly one argument`;

const named: Check = (instruction) => {
  const names = instruction.args.filter((_, index) => index % 2 === 0);
  return atLeastOne(instruction) ?? (names.includes('') ? `${instruction.keyword} names can not be blank` : undefined);
};

const CHECKS: Readonly<Record<Keyword, Check>> = {
  ADD: checkCopy,
  ARG: (instruction) =>
    atLeastOne(instruction) ??
    (instruction.args.some((arg) => arg.startsWith('=')) ? 'ARG names can not be blank' : undefined),
  CMD: () => undefined,
  COPY: checkCopy,
  ENTRYPOINT: () => undefined,
  ENV: named,
  EXPOSE: atLeastOne,
  FROM: checkFrom,
  HEALTHCHECK: checkHealth,
  LABEL: named,
  MAINTAINER: exactlyOne,
  ONBUILD: checkOnbuild,
  RUN: atLeastOne,
  SHELL: checkShell,
  STOPSIGNAL: exactlyOne,
  USER: exactlyOne,
  VOLUME: (instruction) =>
    atLeastOne(instruction) ??
    (instruction.args.includes('') ? 'VOLUME specified can not be an empty string' : undefined),
  WORKDIR: exactlyOne,
};

function checkCopy({ keyword, args, flags }: Instruction): string | undefined {
  if (args.length < 2)
    return `${keyword} requires at least two arguments, but only one was provided. Destination could not be determined`;
  if (/^<<-?[^<]+$/.test(args.at(-1) ?? '')) return `${keyword} cannot accept a heredoc as a destination`;
  const mode = flags.find(({ name }) => name === 'chmod')?.value;
  const isMode = mode === undefined || mode.includes('$') || /^0?[0-7]{3,4}$/.test(mode);
  return isMode ? undefined : `invalid chmod parameter: '${mode}'. it should be octal string and between 0 and 07777`;
}

function checkFrom({ args }: Instruction): string | undefined {
  const [, as, name] = args;
  if (args.length !== 1 && !(args.length === 3 && as?.toLowerCase() === 'as'))
    return 'FROM requires either one or three arguments';
  if (name === undefined || /^[a-z][a-z0-9\-_.]*$/i.test(name)) return undefined;
  return `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`;
}

function checkOnbuild(instruction: Instruction): string | undefined {
  const inner = instruction.onbuild?.keyword;
  if (inner === 'ONBUILD') return "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed";
  if (inner === 'FROM' || inner === 'MAINTAINER') return `${inner} isn't allowed as an ONBUILD trigger`;
  return atLeastOne(instruction);
}

function checkShell(instruction: Instruction): string | undefined {
  const { form, args } = instruction;
  if (args.length === 0) return atLeastOne(instruction);
  return form === 'json' ? undefined : 'SHELL requires the arguments to be in JSON form';
}
