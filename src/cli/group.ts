// A verb that is a group of verbs: `image ls`, `docker ps`.
import type { Command } from './args/command.ts';
import type { DefineVerb } from './verb.ts';

/** One verb of a group. */
export interface GroupRow {
  readonly summary: string;
  readonly define: DefineVerb;
  readonly aliases?: readonly string[];
}

/** Adds the verbs of a group. */
export function runGroup(
  command: Command,
  begin: Parameters<DefineVerb>[1],
  rows: Readonly<Record<string, GroupRow>>,
): void {
  for (const [name, row] of Object.entries(rows)) {
    const below = command.command(name).description(row.summary);
    if (row.aliases !== undefined) below.aliases(row.aliases);
    row.define(below, begin);
  }
}
