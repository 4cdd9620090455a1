// Reads env_file and label_file of the services that are kept, and lays their own values over them.
import { resolve } from 'node:path';
import type { Env } from '../../base/env.ts';
import { isGantryError, type GantryError } from '../../base/error.ts';
import { readEnvFile, type EnvFile } from '../files/env-files.ts';
import type { Problems } from '../problems.ts';
import { passed, type Passage } from '../source.ts';
import { entriesOf, get, mapOf, stringOf, text, withKey, type Entry, type MapTree, type Tree } from '../tree.ts';

/** What reading them needs. */
export interface ServiceFileContext {
  /** Variables that values of env_file may use; those of label_file may use none. */
  readonly env: Env;
  /** Paths that were left relative begin here. */
  readonly dir: string;
  readonly problems: Problems;
  readonly signal: AbortSignal | undefined;
}

/** The model with the values of its files merged in and the attributes gone. */
export async function readServiceFiles(model: Tree, context: ServiceFileContext): Promise<Tree> {
  const services = get(model, 'services');
  if (services?.kind !== 'map' || model.kind !== 'map') return model;
  const entries = new Map(services.entries);
  for (const [name, { key, value }] of services.entries) {
    if (value.kind !== 'map') continue;
    const withEnvironment = await readInto(value, { attribute: 'env_file', target: 'environment' }, context);
    const complete = await readInto(withEnvironment, { attribute: 'label_file', target: 'labels' }, context);
    entries.set(name, { key, value: complete });
  }
  return withKey(model, 'services', { ...services, entries });
}

interface FileContext extends ServiceFileContext {
  readonly by: Into['attribute'];
}

interface Into {
  readonly attribute: 'env_file' | 'label_file';
  readonly target: string;
}

async function readInto(service: MapTree, { attribute, target }: Into, context: ServiceFileContext): Promise<MapTree> {
  const files = get(service, attribute);
  if (files?.kind !== 'list') return service;
  const own = get(service, target);
  const values = new Map<string, Entry>();
  const env = attribute === 'env_file' ? context.env : {};
  for (const file of files.items) await readFile(file, values, { ...context, env, by: attribute });
  for (const [name, entry] of entriesOf(own)) {
    const below = values.get(name)?.value;
    values.set(name, below ? { ...entry, value: over(entry.value, below) } : entry);
  }
  const bare = withKey(service, attribute, undefined);
  return values.size === 0 ? bare : withKey(bare, target, mapOf(values, own?.origin ?? files.origin));
}

async function readFile(file: Tree, values: Map<string, Entry>, context: FileContext): Promise<void> {
  const written = stringOf(file) ?? stringOf(get(file, 'path')) ?? '';
  const flag = get(file, 'required');
  const required = !(flag?.kind === 'scalar' && /^(?:false|no|n|off)$/i.test(String(flag.value)));
  if (written !== '') await readPath({ file, required, path: resolve(context.dir, written) }, values, context);
  else if (required) {
    const hint = 'a variable in it may be empty';
    context.problems.error('compose/file-not-found', 'the path is empty', file.origin, { hint });
  }
}

interface NamedFile {
  readonly file: Tree;
  readonly path: string;
  readonly required: boolean;
}

async function readPath(named: NamedFile, values: Map<string, Entry>, context: FileContext): Promise<void> {
  const { file, path, required } = named;
  const lookup = (name: string): string | undefined => valueOf(values, name) ?? context.env[name];
  try {
    const raw = stringOf(get(file, 'format')) === 'raw';
    const { problems, signal, by } = context;
    const content = await readEnvFile(path, lookup, { required, problems, signal, raw });
    if (content) addValues(content, values, { by, origin: file.origin });
  } catch (error) {
    if (!isGantryError(error)) throw error;
    if (!required && error.code === 'compose/file-not-found') return;
    reportUnread(error, file, context);
  }
}

function reportUnread(error: GantryError, file: Tree, { by, problems }: FileContext): void {
  const optional = error.code === 'compose/file-not-found' ? 'if it may be missing, add "required: false"' : undefined;
  const hint = error.hint ?? (by === 'env_file' ? optional : undefined);
  problems.error(error.code, error.message, file.origin, hint === undefined ? {} : { hint });
}

const valueOf = (values: ReadonlyMap<string, Entry>, name: string): string | undefined =>
  stringOf(values.get(name)?.value);

/** A value that files of the service have too, and that knows it. */
const over = (value: Tree, below: Tree): Tree =>
  value.layers ? { ...value, layers: [below, value] } : { ...value, below };

/** Later files win. */
function addValues(content: EnvFile, values: Map<string, Entry>, { by, origin: at }: Passage): void {
  for (const [name, value] of content.values) {
    const origin = passed(content.places.get(name) ?? at, by, at);
    const below = values.get(name)?.value;
    const own = text(value, origin);
    values.set(name, { key: origin, value: below ? { ...own, below } : own });
  }
}
