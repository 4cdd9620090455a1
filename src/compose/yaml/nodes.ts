// The nodes that the parser of YAML makes, before anchors, merge keys and types are looked at.

interface Common {
  readonly start: number;
  readonly end: number;
  readonly anchor?: string;
  /** Written out: `!reset`, `tag:yaml.org,2002:str`. */
  readonly tag?: string;
}

/** A scalar, its escapes and lines resolved; an empty plain one where nothing is written. */
export interface ScalarNode extends Common {
  readonly kind: 'scalar';
  readonly text: string;
  /** Without quotes, and no block. */
  readonly plain: boolean;
}

/** A sequence. */
export interface ListNode extends Common {
  readonly kind: 'list';
  readonly items: readonly YamlNode[];
}

/** A mapping; keys may be any node and may repeat. */
export interface MapNode extends Common {
  readonly kind: 'map';
  readonly pairs: readonly (readonly [YamlNode, YamlNode])[];
}

/** `*name`. */
export interface AliasNode extends Common {
  readonly kind: 'alias';
  readonly name: string;
}

/** Any node. */
export type YamlNode = ScalarNode | ListNode | MapNode | AliasNode;
