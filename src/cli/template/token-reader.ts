// Reads the words of one action in order. White space only tells whether `.a .b` are two operands or `.a.b` is one.
import type { Token } from './lex.ts';

/** A reader of one action. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** Where the action begins, for messages. */
  get at(): number {
    return this.#tokens[0]?.at ?? 0;
  }

  /** The next word. */
  peek(): Token | undefined {
    this.#skipSpace();
    return this.#tokens[this.#next];
  }

  take(): Token | undefined {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  /** Takes a mark if it comes next. */
  takeMark(text: string): boolean {
    const token = this.peek();
    if (token?.kind !== 'mark' || token.text !== text) return false;
    this.#next += 1;
    return true;
  }

  /** The fields that follow with no white space between, and where they begin. */
  fields(): { readonly path: readonly string[]; readonly at: number | undefined } {
    const path: string[] = [];
    const at = this.#tokens[this.#next]?.at;
    for (let token = this.#tokens[this.#next]; token?.kind === 'field'; token = this.#tokens[this.#next]) {
      path.push(token.text.slice(1));
      this.#next += 1;
    }
    return { path, at: path.length === 0 ? undefined : at };
  }

  /** `$a :=`, `$a, $b :=` or `$a =` at the beginning; takes nothing when there is none. */
  declarations(): { readonly names: readonly string[]; readonly assigns: boolean } {
    const start = this.#next;
    const names: string[] = [];
    for (let token = this.peek(); token?.kind === 'variable' && names.length < 2; token = this.peek()) {
      names.push(token.text);
      this.#next += 1;
      if (this.takeMark(':=')) return { names, assigns: false };
      if (this.takeMark('=')) return { names, assigns: true };
      if (!this.takeMark(',')) break;
    }
    this.#next = start;
    return { names: [], assigns: false };
  }

  #skipSpace(): void {
    while (this.#tokens[this.#next]?.kind === 'space') this.#next += 1;
  }
}
