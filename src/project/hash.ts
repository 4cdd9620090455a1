// The hash by which a service's container is known to be up to date. Covers what a container is made of, not how many
// there are or when they start.
import { createHash } from 'node:crypto';
import type { Service } from '../compose/model/service.ts';

const NOT_HASHED: ReadonlySet<string> = new Set([
  'build',
  'pull_policy',
  'scale',
  'depends_on',
  'profiles',
  'develop',
  'attach',
]);

/** SHA-256 in hex; independent of the order of keys. */
export function serviceHash(service: Service): string {
  const kept = Object.entries(service).filter(([key]) => !NOT_HASHED.has(key));
  return createHash('sha256')
    .update(canonicalJson(withoutReplicas(Object.fromEntries(kept))))
    .digest('hex');
}

function withoutReplicas(service: Record<string, unknown>): Record<string, unknown> {
  const { deploy, ...rest } = service;
  if (typeof deploy !== 'object' || deploy === null) return service;
  const kept = Object.entries(deploy).filter(([key]) => key !== 'replicas');
  return kept.length === 0 ? rest : { ...rest, deploy: Object.fromEntries(kept) };
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
