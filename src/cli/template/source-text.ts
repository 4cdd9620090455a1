// Parts of a template as text again, for messages.
import type { Operand, Pipe } from './nodes.ts';

/** `.State.Status`, `(len .Mounts)`, `"text"`. */
export function operandText(operand: Operand): string {
  switch (operand.kind) {
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'literal':
      return operand.text;
    case 'function':
      return operand.name;
    case 'field':
      return pathText(operand.path);
    case 'variable':
      return operand.name + pathText(operand.path);
    case 'pipe':
      return `(${pipeText(operand.pipe)})${pathText(operand.path)}`;
  }
}

/** All calls, joined by ` | `. */
export function pipeText(pipe: Pipe): string {
  return pipe.calls.map((call) => call.operands.map(operandText).join(' ')).join(' | ');
}

const pathText = (path: readonly string[]): string => path.map((name) => `.${name}`).join('');
