// The variables of a project with the line that sets each, and what one use of them comes to. Reads nothing.
import type { Env } from '../../base/env.ts';
import type { Origin, UsedVariable } from '../source.ts';
import type { Use } from './template.ts';

/** Variables by name; one that no file sets comes from the process environment. */
export interface Variables {
  readonly env: Env;
  /** Where files set them. */
  readonly places: ReadonlyMap<string, Origin>;
}

/** The variables behind some uses, each once. */
export function usedVariables(uses: readonly Use[], known: Variables): readonly UsedVariable[] {
  const found = new Map<string, UsedVariable>();
  for (const use of uses) if (!found.has(use.name)) found.set(use.name, usedVariable(use, known));
  return [...found.values()];
}

/** One use of a variable. */
export function usedVariable({ name, fallback }: Use, { env, places }: Variables): UsedVariable {
  if (fallback !== undefined) return { name, value: fallback, from: 'default' };
  const value = env[name];
  if (value === undefined) return { name, from: 'unset' };
  const origin = places.get(name);
  if (origin) return { name, value, from: 'file', origin };
  return { name, value, from: name === 'COMPOSE_PROJECT_NAME' ? 'project' : 'environment' };
}
