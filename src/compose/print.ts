// The output of `config`: the canonical project as YAML or JSON, letter for letter as docker compose prints it.
import { FILE } from './attributes/file.ts';
import type { Plain } from './bind/bind.ts';
import type { Project } from './model/project.ts';
import { writeJson } from './print/json.ts';
import { outline, type PrintFormat } from './print/outline.ts';
import type { Printed } from './print/printed.ts';
import { writeYaml } from './print/yaml.ts';

export type { PrintFormat } from './print/outline.ts';

/** How to print. */
export interface PrintOptions {
  readonly format?: PrintFormat;
  /** Default true: every `$` is doubled, so that the output can be read again. */
  readonly escapeDollars?: boolean;
}

/** The text of a project; YAML ends with a newline, JSON does not. */
export function printProject(project: Project, options: PrintOptions = {}): string {
  const format = options.format ?? 'yaml';
  const data = project as unknown as Readonly<Record<string, Plain>>;
  const printed = outline(data, FILE, format) as ReadonlyMap<string, Printed>;
  const text = format === 'json' ? writeJson(sorted([...printed, ...extensionsOf(data)])) : writeYaml(printed);
  return options.escapeDollars === false ? text : text.replaceAll('$', '$$$$');
}

const sorted = (entries: readonly (readonly [string, Printed])[]): Printed =>
  new Map([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));

/** JSON has extensions at the top only. */
function extensionsOf(project: Readonly<Record<string, Plain>>): (readonly [string, Printed])[] {
  const keys = Object.keys(project).filter((key) => key.startsWith('x-'));
  return keys.map((key) => [key, outline(project[key], { kind: 'any' }, 'json') ?? null]);
}
