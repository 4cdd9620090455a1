// One text laid over a mapping that may also be a list of `KEY=value`: docker compose takes it for an item of that list,
// although alone it is refused, and passes over any other scalar. Only these attributes.
import type { Canon } from '../attributes/shape.ts';
import { formatGo } from '../bind/go-format.ts';
import { keyValues, labels } from '../canonical/lists.ts';
import type { Problems } from '../problems.ts';
import { listOf, type Tree } from '../tree.ts';
import { pathTable } from './path-table.ts';

const TABLE = pathTable<Canon>({
  'services.*.environment': keyValues,
  'services.*.annotations': labels,
  'services.*.labels': labels,
  'services.*.sysctls': keyValues,
  'services.*.build.args': keyValues,
  'services.*.build.labels': labels,
  'services.*.deploy.labels': labels,
});

/** The override as a mapping, with a warning, where it is one scalar over a mapping; else as it is. */
export function fromText(base: Tree, over: Tree, path: readonly string[], problems: Problems): Tree {
  if (base.kind !== 'map' || over.kind !== 'scalar' || over.type === 'null') return over;
  const canon = TABLE(path);
  if (!canon) return over;
  const isText = over.type === 'string';
  const counts = isText ? 'a list of it' : 'nothing, since it is no text';
  const message = `${path.join('.')} is a single value: over a mapping it counts as ${counts}`;
  problems.warn('compose/wrong-type', message, over.origin, { hint: `write it as a list: ["${formatGo(over)}"]` });
  return canon(listOf(isText ? [over] : [], over.origin), () => undefined);
}
