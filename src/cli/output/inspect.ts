// `inspect` and `--format`: whole objects as JSON, or the simple templates scripts use: `{{.Field}}`, `{{json .Field}}`.
import { GantryError } from '../../base/error.ts';
import { goJson } from './json.ts';

/** The objects as an indented list, as one JSON object a line (`json`), or by a template, one line each. */
export function printInspected(
  objects: readonly object[],
  format: string | undefined,
  options: { readonly lines: boolean },
): string {
  if (!options.lines || format === undefined) return `${goJson(objects, 4)}\n`;
  if (format === 'json') return objects.map((object) => `${goJson(object)}\n`).join('');
  return objects.map((object) => `${fill(format, object)}\n`).join('');
}

const FIELD = /\{\{\s*(json\s+)?\.([A-Za-z0-9_.]*)\s*\}\}/g;

function fill(template: string, object: object): string {
  const text = template.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
  const rest = text.replaceAll(FIELD, '');
  if (rest.includes('{{')) {
    throw new GantryError(
      'usage/invalid-flag',
      `template ${template}: only {{.Field}} and {{json .Field}} are supported yet`,
    );
  }
  return text.replaceAll(FIELD, (_whole, json: string | undefined, path: string) =>
    show(lookUp(object, path, template), json !== undefined),
  );
}

function lookUp(object: unknown, path: string, template: string): unknown {
  let value = object;
  for (const key of path.split('.').filter((part) => part !== '')) {
    if (typeof value !== 'object' || value === null || !(key in value)) {
      throw new GantryError('usage/invalid-flag', `template ${template}: there is no field ${key}`);
    }
    value = Reflect.get(value, key);
  }
  return value;
}

/** As Go's templates print: lists in brackets, maps as `map[k:v]`, null as `<nil>`. */
function show(value: unknown, json: boolean): string {
  if (json) return goJson(value);
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map((item) => show(item, false)).join(' ')}]`;
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value);
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${pairs.map(([key, item]) => `${key}:${show(item, false)}`).join(' ')}]`;
}
