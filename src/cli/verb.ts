// The shape of a verb: it describes its flags and hands its work back, to be run by main.
import type { Command } from './args/command.ts';
import type { Context } from './context.ts';

/** The work of a verb; gives the exit code, 0 when nothing is given. */
export type VerbWork = (context: Context) => Promise<number | undefined>;

/** Adds arguments, flags and an action that calls `begin`. */
export type DefineVerb = (command: Command, begin: (work: VerbWork) => void) => void;
