// Go templates for every --format flag: read once, run over each object.
import { execute } from './execute.ts';
import { FUNCTIONS, type TemplateFunction } from './functions.ts';
import { parseTemplate } from './parse.ts';

/** A template that was read. */
export interface Template {
  /** The text for a value (see values.ts for what stands for what). Throws usage/invalid-flag. */
  run(value: unknown): string;
  /** The text for a table's header: functions that would change the words leave them as they are. */
  runHeader(names: unknown): string;
}

/** Reads a template. Throws usage/invalid-flag with text/template's words. */
export function readTemplate(source: string): Template {
  const nodes = parseTemplate(source, NAMES);
  return {
    run: (value) => execute(nodes, value, { source, functions: FUNCTIONS }),
    runHeader: (names) => execute(nodes, names, { source, functions: HEADER_FUNCTIONS }),
  };
}

const NAMES: ReadonlySet<string> = new Set([...Object.keys(FUNCTIONS), 'and', 'or']);

const keep: TemplateFunction = (value) => value;
const HEADER_FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  ...FUNCTIONS,
  ...Object.fromEntries(['json', 'title', 'lower', 'upper', 'truncate', 'split', 'join'].map((name) => [name, keep])),
};
