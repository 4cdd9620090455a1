// Runs the tree of a Go template over a value. Errors say what text/template says, place included.
import { GantryError, isGantryError } from '../../base/error.ts';
import type { TemplateFunction } from './functions.ts';
import type { Call, ControlNode, Node, Operand, Pipe } from './nodes.ts';
import { operandText, pipeText } from './source-text.ts';
import { isStruct, isTruthy, sortedEntries, textOf } from './values.ts';

/** What a run needs beside the tree. */
export interface Surroundings {
  readonly source: string;
  readonly functions: Readonly<Record<string, TemplateFunction>>;
}

/** The text that the tree makes of a value. Throws usage/invalid-flag. */
export function execute(nodes: readonly Node[], value: unknown, surroundings: Surroundings): string {
  const run = new Run(surroundings, value);
  run.walk(nodes, value);
  return run.output;
}

type Flow = 'on' | 'break' | 'continue';

class Run {
  output = '';
  readonly #surroundings: Surroundings;
  readonly #variables: [name: string, value: unknown][];

  constructor(surroundings: Surroundings, value: unknown) {
    this.#surroundings = surroundings;
    this.#variables = [['$', value]];
  }

  walk(nodes: readonly Node[], dot: unknown): Flow {
    for (const node of nodes) {
      const flow = this.#node(node, dot);
      if (flow !== 'on') return flow;
    }
    return 'on';
  }

  #node(node: Node, dot: unknown): Flow {
    switch (node.kind) {
      case 'text':
        this.output += node.text;
        return 'on';
      case 'print': {
        const value = this.#pipe(node.pipe, dot);
        if (node.pipe.declares.length === 0) this.output += value === undefined ? '<no value>' : textOf(value);
        return 'on';
      }
      case 'break':
      case 'continue':
        return node.kind;
      case 'if':
      case 'with':
      case 'range':
        return this.#scoped(() => this.#control(node, dot));
    }
  }

  /** Variables that are declared inside end with it. */
  #scoped(work: () => Flow): Flow {
    const depth = this.#variables.length;
    try {
      return work();
    } finally {
      this.#variables.length = depth;
    }
  }

  #control(node: ControlNode, dot: unknown): Flow {
    if (node.kind === 'range') return this.#range(node, dot);
    const value = this.#pipe(node.pipe, dot);
    if (!isTruthy(value)) return this.walk(node.otherwise, dot);
    return this.walk(node.body, node.kind === 'with' ? value : dot);
  }

  #range(node: ControlNode, dot: unknown): Flow {
    const value = this.#pipe({ ...node.pipe, declares: [] }, dot);
    const items = this.#items(value, node.pipe);
    if (items.length === 0) return this.walk(node.otherwise, dot);
    for (const [key, item] of items) {
      const flow = this.#scoped(() => {
        const [first, second] = node.pipe.declares;
        if (first !== undefined) this.#variables.push([first, second === undefined ? item : key]);
        if (second !== undefined) this.#variables.push([second, item]);
        return this.walk(node.body, item);
      });
      if (flow === 'break') break;
    }
    return 'on';
  }

  #items(value: unknown, pipe: Pipe): readonly (readonly [unknown, unknown])[] {
    if (Array.isArray(value)) return [...value.entries()];
    if (value instanceof Map) return sortedEntries(value);
    if (value === null || value === undefined) return [];
    throw this.#error(pipe.calls[0].operands[0], `range can't iterate over ${textOf(value)}`, pipeText(pipe));
  }

  #pipe(pipe: Pipe, dot: unknown): unknown {
    let value: { readonly last: unknown } | undefined;
    for (const call of pipe.calls) value = { last: this.#call(call, dot, value) };
    for (const name of pipe.declares) {
      const known = pipe.assigns ? this.#variables.findLast(([given]) => given === name) : undefined;
      if (known === undefined) this.#variables.push([name, value?.last]);
      else known[1] = value?.last;
    }
    return value?.last;
  }

  #call(call: Call, dot: unknown, piped: { readonly last: unknown } | undefined): unknown {
    const [first, ...rest] = call.operands;
    const name = first.kind === 'function' ? first.name : undefined;
    if (name === 'and' || name === 'or') return this.#shortCircuit(name === 'and', { rest, dot, piped });
    const given = (): readonly unknown[] => [
      ...rest.map((operand) => this.#operand(operand, dot)),
      ...(piped === undefined ? [] : [piped.last]),
    ];
    const target = first.kind === 'function' ? this.#surroundings.functions[first.name] : this.#operand(first, dot);
    if (typeof target === 'function') return this.#apply(target as TemplateFunction, call, given());
    if (rest.length > 0 || piped !== undefined)
      throw this.#error(
        first,
        `${operandText(first).replace(/^.*\./, '')} is not a method but has arguments`,
        operandText(first),
      );
    return target;
  }

  #apply(called: TemplateFunction, call: Call, values: readonly unknown[]): unknown {
    const [first] = call.operands;
    try {
      return called(...values);
    } catch (error) {
      if (!isGantryError(error, 'usage/invalid-flag') || error.message.startsWith('template')) throw error;
      const text = call.operands.map(operandText).join(' ');
      throw this.#error(first, `error calling ${operandText(first)}: ${error.message}`, text);
    }
  }

  #shortCircuit(
    wantsAll: boolean,
    { rest, dot, piped }: { rest: readonly Operand[]; dot: unknown; piped: { readonly last: unknown } | undefined },
  ): unknown {
    let value: unknown = piped?.last;
    for (const operand of rest) {
      value = this.#operand(operand, dot);
      if (isTruthy(value) !== wantsAll) return value;
    }
    return piped === undefined ? value : piped.last;
  }

  #operand(operand: Operand, dot: unknown): unknown {
    switch (operand.kind) {
      case 'dot':
        return dot;
      case 'nil':
        return null;
      case 'literal':
        return operand.value;
      case 'field':
        return this.#fields(dot, operand);
      case 'variable': {
        const found = this.#variables.findLast(([name]) => name === operand.name);
        if (found === undefined) throw this.#error(operand, `undefined variable "${operand.name}"`, operand.name);
        return this.#fields(found[1], operand);
      }
      case 'function':
        return this.#call({ operands: [operand] }, dot, undefined);
      case 'pipe':
        return this.#fields(this.#pipe(operand.pipe, dot), operand);
    }
  }

  #fields(from: unknown, operand: Extract<Operand, { readonly path: readonly string[] }>): unknown {
    return operand.path.reduce<unknown>((value, name) => {
      if (value instanceof Map) return (value as ReadonlyMap<string, unknown>).get(name);
      const found = isStruct(value) ? fieldOf(value, name) : undefined;
      if (found !== undefined) return found;
      // a key that a map does not have has no fields either
      if (value === undefined) return undefined;
      throw this.#error(operand, noField(value, name, operand.path), operandText(operand));
    }, from);
  }

  #error(operand: Operand, problem: string, text: string): GantryError {
    const before = this.#surroundings.source.slice(0, operand.at);
    const line = before.split('\n').length;
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1));
    return new GantryError(
      'usage/invalid-flag',
      `template parsing error: template: :${line}:${column}: executing "" at <${text}>: ${problem}`,
    );
  }
}

function noField(value: unknown, name: string, path: readonly string[]): string {
  if (isStruct(value)) return `map has no entry for key "${name}"`;
  if (value !== null) return `can't evaluate field ${name} in type interface {}`;
  const before = path[path.indexOf(name) - 1];
  return before === undefined ? `nil pointer evaluating interface {}.${name}` : `map has no entry for key "${before}"`;
}

/** By its name, else in other letters: `.ID` and `.Id` are both used. */
function fieldOf(struct: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(struct, name)) return struct[name];
  const key = Object.keys(struct).find((one) => one.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : struct[key];
}
