// What a batch of changed paths means for one service, by its rules. Pure: nothing is read or called.
import { copyOf, isSync, mappingOf, ruleMatches, type Mapping, type Rule } from './rule.ts';

/** What is to be done. */
export interface Decision {
  /** Copies to bring up to date, each once. */
  readonly mappings: readonly Mapping[];
  /** Changes that want a new image; they win over all else that a rule wants of the same path. */
  readonly rebuild: boolean;
  readonly restart: boolean;
  /** Rules whose command is to run, each once. */
  readonly execs: readonly Rule[];
}

/** Decides for the rules of one service. */
export function decide(rules: readonly Rule[], paths: Iterable<string>): Decision {
  const mappings = new Map<string, Mapping>();
  const execs = new Set<Rule>();
  let rebuild = false;
  let restart = false;
  for (const path of paths) {
    const matching = rules.filter((rule) => ruleMatches(rule, path));
    if (matching.some((rule) => rule.action === 'rebuild')) {
      rebuild = true;
      continue;
    }
    for (const rule of matching) {
      // a watched folder that goes takes only its own files along, not all that is at its target
      if (isSync(rule) && !(rule.folder && path === rule.path)) {
        const mapping = mappingOf(rule, path);
        mappings.set(copyOf(mapping), mapping);
      }
      if (rule.action === 'sync+exec') execs.add(rule);
      restart ||= rule.action === 'restart' || rule.action === 'sync+restart';
    }
  }
  return { mappings: [...mappings.values()], rebuild, restart, execs: [...execs] };
}
