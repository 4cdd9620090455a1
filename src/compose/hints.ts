// What would mend a value that does not fit its shape: the attribute that was meant, the place where it belongs, the
// form that is wanted. Judges nothing; the words are for people.
import { didYouMean } from '../base/did-you-mean.ts';
import { describeShape } from './attributes/describe.ts';
import { SERVICE } from './attributes/service.ts';
import type { ObjectShape, ScalarShape, Shape } from './attributes/shape.ts';
import { get, type ScalarTree, type Tree } from './tree.ts';

/** What other tools call attributes of a service. */
const SYNONYMS: Readonly<Record<string, string>> = {
  env: 'environment',
  envs: 'environment',
  env_vars: 'environment',
  variables: 'environment',
  cmd: 'command',
  run: 'command',
  memory: 'mem_limit',
  mem: 'mem_limit',
  cpu: 'cpus',
  needs: 'depends_on',
  depends: 'depends_on',
  requires: 'depends_on',
  health: 'healthcheck',
  mounts: 'volumes',
  binds: 'volumes',
  host: 'hostname',
  workdir: 'working_dir',
  cwd: 'working_dir',
  shell: 'entrypoint',
  net: 'network_mode',
  group: 'group_add',
  replicas: 'scale',
};

/** The hint for a key that its mapping does not have. */
export function unknownKeyHint(key: string, value: Tree, shape: ObjectShape, path: string): string | undefined {
  const meant = didYouMean(key, Object.keys(shape.fields));
  if (meant !== undefined) return meant;
  if (path === '') return topLevelHint(key, value);
  const below = Object.entries(shape.fields).find(([, field]) => fieldsOf(field).includes(key));
  if (below) return `it belongs under "${below[0]}:"`;
  const synonym = shape === SERVICE ? SYNONYMS[key] : undefined;
  if (synonym !== undefined) return `did you mean "${synonym}"?`;
  const inService = /^services\.[^.]+\./.test(path) && Object.hasOwn(SERVICE.fields, key);
  if (inService) return `"${key}" belongs to the service itself: indent it less`;
  const known = Object.keys(shape.fields);
  return known.length > 0 && known.length <= 12 ? `there is: ${known.join(', ')}` : undefined;
}

function topLevelHint(key: string, value: Tree): string | undefined {
  if (get(value, 'image') ?? get(value, 'build')) return `"${key}" looks like a service: indent it under "services:"`;
  if (Object.hasOwn(SERVICE.fields, key)) return `"${key}" belongs to a service: indent it under one`;
  return 'keys of your own begin with "x-"';
}

function fieldsOf(shape: Shape): readonly string[] {
  if (shape.kind === 'union') return shape.options.flatMap(fieldsOf);
  return shape.kind === 'object' ? Object.keys(shape.fields) : [];
}

/** The hint for a key that must be there. */
export function missingKeyHint(key: string, shape: ObjectShape, path: string): string {
  const field = shape.fields[key];
  if (field?.kind === 'scalar' && field.oneOf)
    return `add "${key}: ${field.oneOf[0] ?? ''}" (or ${field.oneOf.slice(1).join(', ')})`;
  if (key === 'type' && /\.volumes\.\d+$/.test(path)) return 'add "type: bind" for a path, "type: volume" for a volume';
  return `add "${key}: ..."`;
}

/** The hint for a value of the wrong kind. */
export function kindHint(tree: Tree, shape: Shape, path: string): string | undefined {
  const service = /^services\.([^.]+)$/.exec(path)?.[1];
  if (service !== undefined) return serviceHint(service, tree);
  const takes = (kind: Shape['kind']): boolean => kindsOf(shape).includes(kind);
  if (tree.kind === 'list') return takes('object') || takes('dict') ? 'take the "-" out: write "name: ..."' : undefined;
  if (tree.kind === 'map') return singlePairHint(tree, path);
  if (tree.type === 'null') return path === 'services' ? 'add a service' : 'give it a value or take the line out';
  const text = textOf(tree);
  const scalar = shape.kind === 'scalar' ? shape : undefined;
  if (scalar?.as === 'duration') return `give it a unit: ${text}s, ${text}m`;
  if (takes('list')) return `write a list: [${JSON.stringify(text)}]`;
  return acceptsText(shape) ? `write it in quotes: ${JSON.stringify(text)}` : undefined;
}

function serviceHint(name: string, tree: Tree): string {
  if (Object.hasOwn(SERVICE.fields, name)) return `"${name}" belongs to a service: indent it deeper`;
  return tree.kind === 'scalar' && tree.type !== 'null'
    ? `write it below: "image: ${textOf(tree)}"`
    : 'add "image: NAME" or "build: ." below it';
}

/** `- A: 1` where `- A=1` is meant. */
function singlePairHint(tree: Tree & { kind: 'map' }, path: string): string | undefined {
  const [pair, ...more] = [...tree.entries];
  const value = pair?.[1].value;
  if (!pair || more.length > 0 || !/\.\d+$/.test(path) || value?.kind !== 'scalar') return undefined;
  return `write "- ${pair[0]}=${textOf(value)}", or quote the whole item`;
}

function acceptsText(shape: Shape): boolean {
  if (shape.kind === 'union') return shape.options.some(acceptsText);
  return shape.kind === 'scalar' && describeShape(shape).includes('a string');
}

function kindsOf(shape: Shape): readonly Shape['kind'][] {
  return shape.kind === 'union' ? shape.options.flatMap(kindsOf) : [shape.kind];
}

/** As it is written, where it is written. */
function textOf({ origin, value }: ScalarTree): string {
  const written = origin.source.text.slice(origin.start, origin.end);
  return /^[^\s"']+$/.test(written) ? written : String(value);
}

/** The hint for a word that is none of those that are known. */
export function wordHint(value: string, { oneOf, pattern }: ScalarShape): string | undefined {
  return didYouMean(value, oneOf ?? pattern?.sample.split(/, | or /) ?? []);
}
