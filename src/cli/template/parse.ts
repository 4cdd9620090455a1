// Makes the tree of a Go template: actions, pipes, if, range, with. What {{define}} and {{template}} do no flag needs.
import { lexTemplate, parseError, type Piece, type Token } from './lex.ts';
import type { Call, Node, Operand, Pipe } from './nodes.ts';
import { TokenReader } from './token-reader.ts';

/** The tree; `functions` are the names that may be called. Throws usage/invalid-template. */
export function parseTemplate(source: string, functions: ReadonlySet<string>): readonly Node[] {
  return new Parser(source, functions).all();
}

interface Block {
  readonly nodes: readonly Node[];
  /** The action that ended it: `end` or `else …`; undefined at the template's end. */
  readonly closer: TokenReader | undefined;
}

class Parser {
  readonly #source: string;
  readonly #functions: ReadonlySet<string>;
  readonly #pieces: readonly Piece[];
  #next = 0;

  constructor(source: string, functions: ReadonlySet<string>) {
    this.#source = source;
    this.#functions = functions;
    this.#pieces = lexTemplate(source);
  }

  all(): readonly Node[] {
    const { nodes, closer } = this.#block();
    if (closer !== undefined) throw this.#error(closer.at, `unexpected {{${closer.peek()?.text ?? ''}}}`);
    return nodes;
  }

  #block(): Block {
    const nodes: Node[] = [];
    for (let piece = this.#pieces[this.#next]; piece !== undefined; piece = this.#pieces[this.#next]) {
      this.#next += 1;
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const reader = new TokenReader(piece.tokens);
      const word = reader.peek();
      if (word?.kind === 'word' && (word.text === 'end' || word.text === 'else')) return { nodes, closer: reader };
      nodes.push(this.#action(reader));
    }
    return { nodes, closer: undefined };
  }

  #action(reader: TokenReader): Node {
    const word = reader.peek();
    if (word === undefined) throw this.#error(reader.at, 'missing value for command');
    if (word.kind !== 'word') return { kind: 'print', pipe: this.#pipe(reader, 'command') };
    switch (word.text) {
      case 'if':
      case 'with':
      case 'range':
        reader.take();
        return this.#control(word.text, reader);
      case 'break':
      case 'continue':
        return { kind: word.text };
      case 'define':
      case 'template':
      case 'block':
        throw this.#error(word.at, `{{${word.text}}} cannot be used here`);
      default:
        return { kind: 'print', pipe: this.#pipe(reader, 'command') };
    }
  }

  #control(kind: 'if' | 'with' | 'range', reader: TokenReader): Node {
    const pipe = this.#pipe(reader, kind);
    const { nodes: body, closer } = this.#block();
    if (closer === undefined) throw this.#error(this.#source.length, 'unexpected EOF');
    return { kind, pipe, body, otherwise: this.#otherwise(closer) };
  }

  #otherwise(closer: TokenReader): readonly Node[] {
    if (closer.take()?.text === 'end') return [];
    const word = closer.peek();
    if (word?.text === 'if' || word?.text === 'with') {
      closer.take();
      return [this.#control(word.text, closer)];
    }
    const { nodes, closer: end } = this.#block();
    if (end?.peek()?.text !== 'end') throw this.#error(this.#source.length, 'unexpected EOF');
    return nodes;
  }

  #pipe(reader: TokenReader, context: string): Pipe {
    const { names, assigns } = reader.declarations();
    const calls: Call[] = [];
    do calls.push(this.#call(reader, context));
    while (reader.takeMark('|'));
    const rest = reader.peek();
    if (rest !== undefined && rest.text !== ')') throw this.#error(rest.at, `unexpected <${rest.text}> in ${context}`);
    return { calls: calls as [Call, ...Call[]], declares: names, assigns };
  }

  #call(reader: TokenReader, context: string): Call {
    const operands: Operand[] = [];
    for (let token = reader.peek(); token !== undefined && !isStop(token); token = reader.peek())
      operands.push(this.#operand(reader));
    const [first, ...rest] = operands;
    if (first === undefined) throw this.#error(reader.at, `missing value for ${context}`);
    return { operands: [first, ...rest] };
  }

  #operand(reader: TokenReader): Operand {
    const token = reader.take();
    if (token === undefined) throw this.#error(reader.at, 'unexpected end of action');
    const { kind, text, at } = token;
    if (kind === 'field') {
      const behind = reader.fields();
      // an error names the place of the second field: text/template's way
      return { kind: 'field', path: [text.slice(1), ...behind.path], at: behind.at ?? at };
    }
    if (kind === 'variable') return { kind, name: text, path: reader.fields().path, at };
    if (kind === 'word') return this.#word(token);
    if (text === '.') return { kind: 'dot', at };
    if (text === '(') {
      const pipe = this.#pipe(reader, 'parenthesized pipeline');
      if (!reader.takeMark(')')) throw this.#error(at, 'unclosed left paren');
      return { kind: 'pipe', pipe, path: reader.fields().path, at };
    }
    const value = literalOf(token);
    if (value === undefined) throw this.#error(at, `unexpected ${JSON.stringify(text)} in operand`);
    return { kind: 'literal', value, text, at };
  }

  #word({ text, at }: Token): Operand {
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true', text, at };
    if (text === 'nil') return { kind: 'nil', at };
    if (!this.#functions.has(text)) throw this.#error(at, `function ${JSON.stringify(text)} not defined`);
    return { kind: 'function', name: text, at };
  }

  #error(at: number, problem: string): Error {
    return parseError(this.#source, at, problem);
  }
}

const isStop = ({ text, kind }: Token): boolean => kind === 'mark' && (text === '|' || text === ')');

function literalOf({ kind, text }: Token): string | number | undefined {
  if (kind === 'number') return Number(text.replaceAll('_', ''));
  if (kind === 'char') return unquote(text).codePointAt(0);
  if (kind !== 'string') return undefined;
  return text.startsWith('`') ? text.slice(1, -1) : unquote(text);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };

function unquote(text: string): string {
  return text
    .slice(1, -1)
    .replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/g, (_all, hex?: string, unicode?: string, char?: string) =>
      char === undefined ? String.fromCharCode(parseInt(hex ?? unicode ?? '', 16)) : (ESCAPES[char] ?? char),
    );
}
