// Builds the Project from the final model.
import type { Env } from '../../base/env.ts';
import { FILE } from '../attributes/file.ts';
import { SERVICE } from '../attributes/service.ts';
import type { Project } from '../model/project.ts';
import type { Entry, Tree } from '../tree.ts';
import { bindTree, type Plain } from './bind.ts';

/** What a project is made of beside its model. */
export interface ProjectParts {
  readonly name: string;
  readonly workingDir: string;
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  readonly environment: Env;
  readonly profiles: readonly string[];
  readonly disabled: ReadonlyMap<string, Entry>;
}

const SECTIONS = ['services', 'networks', 'volumes', 'secrets', 'configs', 'models'];

/** The project of a model whose values are checked: the table guarantees the types that are asserted here. */
export function bindProject(model: Tree, parts: ProjectParts): Project {
  const bound = bindTree(model, FILE) as Record<string, Plain>;
  const sections = Object.fromEntries(SECTIONS.map((key) => [key, bodies(sorted(bound[key]))]));
  const services = named(sections['services'] ?? {});
  const disabled = Object.fromEntries([...parts.disabled].map(([name, { value }]) => [name, bindTree(value, SERVICE)]));
  const extensions = Object.entries(bound).filter(([key]) => key.startsWith('x-'));
  return {
    name: parts.name,
    working_dir: parts.workingDir,
    compose_files: parts.files,
    env_files: parts.envFiles,
    environment: parts.environment,
    profiles: parts.profiles,
    ...sections,
    services,
    disabled_services: named(sorted(disabled)),
    ...Object.fromEntries(extensions),
  } as unknown as Project;
}

function sorted(section: Plain | undefined): Record<string, Plain> {
  const entries = Object.entries((section ?? {}) as Record<string, Plain>);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An element declared without a body has an empty one. */
function bodies(section: Record<string, Plain>): Record<string, Plain> {
  return Object.fromEntries(Object.entries(section).map(([key, body]) => [key, body ?? {}]));
}

/** Each service knows its own name. */
function named(services: Record<string, Plain>): Record<string, Plain> {
  return Object.fromEntries(
    Object.entries(services).map(([name, service]) => [name, { name, ...(service as Record<string, Plain>) }]),
  );
}
