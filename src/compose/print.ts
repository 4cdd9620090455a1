// The output of `config`: the canonical project as YAML or JSON, letter for letter as docker compose prints it.
import { FILE } from './attributes/file.ts';
import type { Plain } from './bind/bind.ts';
import type { Project } from './model/project.ts';
import { writeJson } from './print/json.ts';
import { outline, type PrintFormat } from './print/outline.ts';
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
  const printed = outline(project as unknown as Plain, FILE, format) as Readonly<Record<string, Plain>>;
  const body = format === 'json' ? sortedKeys({ ...printed, ...extensionsOf(project) }) : printed;
  const text = format === 'json' ? writeJson(body) : writeYaml(body);
  return options.escapeDollars === false ? text : text.replaceAll('$', '$$$$');
}

const sortedKeys = (map: Readonly<Record<string, Plain>>): Plain =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

function extensionsOf(project: Project): Record<string, Plain> {
  return Object.fromEntries(Object.entries(project).filter(([key]) => key.startsWith('x-')));
}
