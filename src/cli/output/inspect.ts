// `inspect`: whole objects as JSON, or what a Go template makes of each.
import { readTemplate } from '../template/template.ts';
import { fromApi } from '../template/from-api.ts';
import { goJson } from './json.ts';

/** The objects as an indented list, as one JSON object a line (`json`), or by a template, one line each. */
export function printInspected(objects: readonly object[], format: string | undefined): string {
  if (format === undefined || format === '') return `${goJson(objects, 4)}\n`;
  if (format === 'json') return objects.map((object) => `${goJson(object)}\n`).join('');
  const template = readTemplate(format.replaceAll('\\t', '\t').replaceAll('\\n', '\n'));
  return objects.map((object) => `${template.run(fromApi(object))}\n`).join('');
}
