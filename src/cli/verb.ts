// The shape of a verb: it describes its flags and hands its work back, to be run by main.
import type { Command } from './args/command.ts';
import type { Context } from './context.ts';

/** The work of a verb; gives the exit code, 0 when nothing is given. */
export type VerbWork = (context: Context) => Promise<number | undefined>;

/** Adds arguments, flags and an action that calls `begin`. */
export type DefineVerb = (command: Command, begin: (work: VerbWork) => void) => void;

/** A verb, or a group of verbs: exactly one of `load` and `below`. */
export interface VerbRow {
  readonly summary: string;
  readonly aliases?: readonly string[];
  /** Left out of the help. */
  readonly hidden?: boolean;
  /** Loads the code of this verb and of no other. */
  readonly load?: () => Promise<DefineVerb>;
  readonly below?: VerbTable;
}

/** Verbs by name, in the order of the help. */
export type VerbTable = Readonly<{ [name: string]: VerbRow }>;
