// From a source to documents in long form, variables filled in: the phases that need no other file.
import { fileAsWritten } from '../attributes/as-written.ts';
import { FILE } from '../attributes/file.ts';
import { canonicalTree } from '../canonical/canonical.ts';
import { countPorts } from '../canonical/ports.ts';
import { readSource } from '../files/read-source.ts';
import { interpolateTree } from '../interpolate/interpolate.ts';
import type { Problems } from '../problems.ts';
import type { Origin, Source } from '../source.ts';
import { entriesOf, get, mapOf, stringOf, type MapTree, type Tree } from '../tree.ts';
import { parseYaml, type Stop } from '../yaml/parse.ts';
import type { AssembleContext } from './context.ts';
import { modernize } from './version1.ts';

/** Name shown for standard input. */
export const STDIN_NAME = '<stdin>';

/** The documents of a file as YAML gives them, read once. An unreadable file throws. */
export async function readTrees(file: string, context: AssembleContext): Promise<readonly Tree[]> {
  const known = context.cache.get(file);
  if (known) return known;
  const source = await openSource(file, context);
  const stops: Stop[] = [];
  const trees = parseYaml(source, context.problems, (stop) => stops.push(stop));
  for (const stop of stops) (await import('../yaml/further.ts')).tellFurther(source, stop, context.problems);
  context.cache.set(file, trees);
  return trees;
}

async function openSource(file: string, context: AssembleContext): Promise<Source> {
  if (file === '-') return { path: STDIN_NAME, text: context.stdin ?? '' };
  return await readSource(file, context.signal);
}

/** The documents of a file that are mappings, variables filled in, in long form; anything else is reported. */
export async function readDocuments(file: string, context: AssembleContext): Promise<readonly MapTree[]> {
  const documents: MapTree[] = [];
  for (const tree of await readTrees(file, context)) {
    if (tree.kind === 'map') documents.push(prepare(tree, context));
    else {
      const message = 'a compose file must be a mapping with the key "services"';
      const hint = isEmpty(tree) ? EMPTY_HINT : 'begin it with "services:", and a service below it';
      context.problems.error('compose/wrong-type', message, tree.origin, { hint });
    }
  }
  return documents;
}

const isEmpty = (tree: Tree): boolean => tree.kind === 'scalar' && tree.type === 'null';
const EMPTY_HINT = 'nothing follows the line "---": take it out';

function prepare(tree: MapTree, context: AssembleContext): MapTree {
  const { problems } = context;
  const modern = modernize(tree, problems);
  warnObsolete(modern, context);
  const filled: Tree = context.interpolate ? interpolateTree(modern, context, problems) : modern;
  if (hasTooManyPorts(filled, problems)) return mapOf([], tree.origin);
  const canonical = context.interpolate
    ? canonicalTree(filled, FILE, '', problems)
    : canonicalTree(filled, fileAsWritten(), '', lenient(problems));
  return canonical.kind === 'map' ? canonical : tree;
}

/** Ranges are written shorter than they are long. */
function hasTooManyPorts(tree: Tree, problems: Problems): boolean {
  let total = 0;
  for (const [, { value }] of entriesOf(get(tree, 'services'))) {
    const ports = get(value, 'ports');
    total += countPorts(ports);
    if (total <= MAX_PORTS || !ports) continue;
    const hint = 'publish less, or take "ports" out and use network_mode: host';
    problems.error('compose/too-complex', `the file publishes more than ${MAX_PORTS} ports`, ports.origin, { hint });
    return true;
  }
  return false;
}

const MAX_PORTS = 200_000;

/** A short form that still holds a variable cannot be read: it stays as it is. */
function lenient(problems: Problems): Problems {
  const holdsVariable = (origin: Origin | undefined): boolean =>
    origin?.source.text.slice(origin.start, origin.end).includes('$') === true;
  return {
    ...problems,
    error: (code, message, origin, extra) =>
      holdsVariable(origin) ? undefined : problems.error(code, message, origin, extra),
  };
}

function warnObsolete(tree: MapTree, { problems }: AssembleContext): void {
  const version = tree.entries.get('version');
  if (version)
    problems.warn('compose/obsolete-version', 'the attribute "version" is obsolete and has no effect', version.key, {
      hint: 'take the line out',
    });
  for (const section of ['networks', 'volumes', 'secrets', 'configs'])
    for (const [name, { value }] of entriesOf(get(tree, section))) {
      const external = get(value, 'external');
      if (external?.kind !== 'map') continue;
      const message = `${section}.${name}: external.name is obsolete`;
      const hint = `write "external: true" and "name: ${stringOf(get(external, 'name')) ?? name}"`;
      problems.warn('compose/obsolete-attribute', message, external.origin, { hint });
    }
}
