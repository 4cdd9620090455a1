// Which stages a Dockerfile has and which of them a build needs. Pure.
import { GantryError } from '../../base/error.ts';
import { expandWord, type Expansion } from './dockerfile/expand.ts';
import type { Dockerfile, Instruction } from './dockerfile/types.ts';

/** One FROM with what follows it. */
export interface Stage {
  readonly index: number;
  /** Behind AS, lower case; "" = none. */
  readonly name: string;
  readonly from: Instruction;
  readonly steps: readonly Instruction[];
}

/** ARG instructions before the first FROM, and the stages. */
export interface Plan {
  readonly before: readonly Instruction[];
  readonly stages: readonly Stage[];
}

/** Splits a Dockerfile; stages behind the target are left out. Throws engine/bad-parameter for an unknown target. */
export function planStages({ instructions }: Dockerfile, target: string): Plan {
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM');
  const stages: { index: number; name: string; from: Instruction; steps: Instruction[] }[] = [];
  for (const instruction of instructions.slice(first)) {
    if (instruction.keyword !== 'FROM') stages.at(-1)?.steps.push(instruction);
    else
      stages.push({
        index: stages.length,
        name: (instruction.args[2] ?? '').toLowerCase(),
        from: instruction,
        steps: [],
      });
  }
  const last = target === '' ? stages.at(-1) : findStage(stages, target);
  if (last === undefined) throw unknownTarget(target, stages);
  return { before: instructions.slice(0, first), stages: stages.slice(0, last.index + 1) };
}

/** A stage by its name (the last of that name) or its number. */
export function findStage<T extends { readonly name: string; readonly index: number }>(
  stages: readonly T[],
  reference: string,
): T | undefined {
  const wanted = reference.toLowerCase();
  const named = stages.findLast(({ name }) => name !== '' && name === wanted);
  if (named !== undefined) return named;
  return /^\d{1,4}$/.test(reference) ? stages[Number(reference)] : undefined;
}

/** The image that a FROM names, its variables filled in. Throws engine/bad-parameter when nothing is left. */
export function baseName({ from }: Stage, expansion: Expansion): string {
  const written = from.args[0] ?? '';
  const name = expandWord(written, expansion);
  if (name !== '') return name;
  throw new GantryError('engine/bad-parameter', `base name (${written}) should not be blank`, {
    hint: 'give the ARG before FROM a default, or pass --build-arg',
    details: { line: from.line },
  });
}

function unknownTarget(target: string, stages: readonly Stage[]): GantryError {
  const names = stages.flatMap(({ name }) => (name === '' ? [] : [name]));
  const hint = names.length === 0 ? 'no stage has a name: give one with FROM … AS NAME' : `stages: ${names.join(', ')}`;
  return new GantryError('engine/bad-parameter', `failed to reach build target ${target} in Dockerfile`, { hint });
}
