// Dockerfile text in, checked instructions out. Pure: it reads no file and expands no variable.
import { checkInstruction, checkOrder } from './check.ts';
import { readLogicalLines } from './lines.ts';
import { instructionOf } from './instruction.ts';
import type { Dockerfile } from './types.ts';

export type { Dockerfile, Flag, Heredoc, Instruction, Keyword } from './types.ts';

/**
 * Parses and checks. `name` is what messages call the file. Throws GantryError engine/invalid-dockerfile
 * ("dockerfile parse error on line 3: …", texts as Docker's); a file that is empty or has no FROM is an error, too.
 */
export function parseDockerfile(text: string, options: { readonly name: string }): Dockerfile {
  const { lines, escape, warnings } = readLogicalLines(text, options);
  const instructions = lines.map((line) => instructionOf(line, escape));
  for (const instruction of instructions) checkInstruction(instruction);
  checkOrder(instructions);
  return { escape, instructions, warnings };
}
