// The tokens between the scanner and the parser of YAML.

/** What a token stands for. `key` may come without a `?` in the text, and block tokens without any text. */
export type TokenKind =
  | 'stream-end'
  | 'directive'
  | 'document-start'
  | 'document-end'
  | 'block-list'
  | 'block-map'
  | 'block-end'
  | 'flow-list'
  | 'flow-list-end'
  | 'flow-map'
  | 'flow-map-end'
  | 'item'
  | 'comma'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

/** A token and its place. */
export interface Token {
  readonly kind: TokenKind;
  readonly start: number;
  readonly end: number;
  /** Name of an anchor or an alias, a tag, words of a directive, or the text of a scalar. */
  readonly text: string;
  /** True for a scalar without quotes that is no block. */
  readonly plain?: boolean;
}
