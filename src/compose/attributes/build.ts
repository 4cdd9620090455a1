// The build section. The order is the order of printing.
import { once, stringOrList } from '../canonical/lists.ts';
import { sshKeys, under } from '../canonical/services.ts';
import { contexts, fileReference, hosts, keyValue, labels, ulimits } from './parts.ts';
import {
  anyScalar,
  boolean,
  dict,
  integer,
  list,
  object,
  string,
  union,
  unique,
  wholeBytes,
  type ScalarShape,
  type Shape,
} from './shape.ts';

/** A list of secrets or configs, by name or in long form. */
export const references = (): Shape => list(union([string(), fileReference()], under('source')));

const booleanOrText = (): ScalarShape => ({ kind: 'scalar', accepts: ['boolean', 'string'], as: 'text' });

/** The long form. */
export const BUILD = object({
  context: string(),
  dockerfile: string(),
  dockerfile_inline: string(),
  entitlements: list(string()),
  args: keyValue(),
  provenance: booleanOrText(),
  sbom: booleanOrText(),
  ssh: { ...union([dict(anyScalar()), unique(string())], once(sshKeys)), print: 'ssh' },
  labels: labels(),
  cache_from: list(string()),
  cache_to: list(string()),
  no_cache: boolean(),
  no_cache_filter: union([string(), list(string())], stringOrList),
  additional_contexts: contexts(),
  pull: boolean(),
  extra_hosts: hosts(),
  isolation: string(),
  network: string(),
  target: string(),
  secrets: references(),
  shm_size: wholeBytes(),
  tags: list(string()),
  ulimits: ulimits(integer({ accepts: ['integer'] })),
  platforms: list(string()),
  privileged: boolean(),
});

/** A context, or the long form. */
export const build = (): Shape => union([string(), BUILD], under('context'));
