// The tree of a Go template (text/template's nodes). Declarations only.

/** A value in a command. */
export type Operand =
  | { readonly kind: 'dot'; readonly at: number }
  | { readonly kind: 'nil'; readonly at: number }
  | { readonly kind: 'literal'; readonly value: string | number | boolean; readonly text: string; readonly at: number }
  | { readonly kind: 'field'; readonly path: readonly string[]; readonly at: number }
  | { readonly kind: 'variable'; readonly name: string; readonly path: readonly string[]; readonly at: number }
  | { readonly kind: 'function'; readonly name: string; readonly at: number }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly path: readonly string[]; readonly at: number };

/** Operands side by side: the first one is called with the rest. */
export interface Call {
  readonly operands: readonly [Operand, ...Operand[]];
}

/** Calls joined by `|`. */
export interface Pipe {
  readonly calls: readonly [Call, ...Call[]];
  /** `$name :=`; two for a range. */
  readonly declares: readonly string[];
  /** `$name =` sets one that is there. */
  readonly assigns: boolean;
}

/** An action with a body. */
export interface ControlNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

/** A part of a template. */
export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly pipe: Pipe }
  | { readonly kind: 'break' | 'continue' }
  | ControlNode;
