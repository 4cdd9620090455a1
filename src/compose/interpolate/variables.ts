// Lists the variables that a model uses, with what it says of each. Fills nothing in.
import type { Tree } from '../tree.ts';
import { closingBrace, matchAt, NAMED, OPERATOR } from './template.ts';

/** A variable and what the files say of it. */
export interface Variable {
  readonly name: string;
  /** Somewhere without it the files cannot be loaded. */
  readonly required: boolean;
  /** As written, or "". */
  readonly defaultValue: string;
  /** What stands in its place when it is set, as written, or "". */
  readonly alternateValue: string;
}

/** The variables of a tree that was loaded without interpolation, by name. */
export function variablesOf(tree: Tree): readonly Variable[] {
  const found = new Map<string, Variable>();
  visit(tree, found);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function visit(tree: Tree, found: Map<string, Variable>): void {
  if (tree.kind === 'map') for (const { value } of tree.entries.values()) visit(value, found);
  else if (tree.kind === 'list') for (const item of tree.items) visit(item, found);
  else if (tree.type === 'string') scan(String(tree.value), found);
}

function scan(text: string, found: Map<string, Variable>): void {
  for (let at = text.indexOf('$'); at >= 0; at = text.indexOf('$', at)) {
    if (text[at + 1] === '{') at = braced(text, at, found);
    else {
      const name = matchAt(NAMED, text, at + 1);
      if (name !== undefined) note(found, { name, required: false, defaultValue: '', alternateValue: '' });
      at += name === undefined ? 2 : name.length + 1;
    }
  }
}

/** Gives the place behind the expression. */
function braced(text: string, dollar: number, found: Map<string, Variable>): number {
  const end = closingBrace(text, dollar + 1);
  const name = matchAt(NAMED, text, dollar + 2);
  if (end < 0 || name === undefined) return dollar + 2;
  const operatorAt = dollar + 2 + name.length;
  const operator = matchAt(OPERATOR, text, operatorAt) ?? '';
  const rest = text.slice(operatorAt + operator.length, end);
  const kind = operator.slice(-1);
  note(found, {
    name,
    required: kind === '?',
    defaultValue: kind === '-' ? rest : '',
    alternateValue: kind === '+' ? rest : '',
  });
  scan(rest, found);
  return end + 1;
}

/** What one use says completes what the others said. */
function note(found: Map<string, Variable>, variable: Variable): void {
  const known = found.get(variable.name);
  found.set(variable.name, {
    name: variable.name,
    required: variable.required || known?.required === true,
    defaultValue: known?.defaultValue || variable.defaultValue,
    alternateValue: known?.alternateValue || variable.alternateValue,
  });
}
