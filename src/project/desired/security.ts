// `security_opt` in the words of the API. A profile's path becomes absolute here; it is read when the container is made
// (seccomp-profiles.ts), since bodies are made without looking at files.
import { resolve } from 'node:path';
import type { HostConfig } from '../../api/containers.ts';
import type { Service } from '../../compose/model/service.ts';

/** What of a create call follows from `security_opt`; profiles are looked for from `folder`. */
export function securityOptions(folder: string, { security_opt: given }: Service): HostConfig {
  if (given === undefined) return { SecurityOpt: null };
  const isOpen = given.includes(OPEN_PATHS);
  return {
    SecurityOpt: given.filter((option) => option !== OPEN_PATHS).map((option) => withPath(option, folder)),
    // nothing of /proc and /sys is hidden or read-only then
    ...(isOpen ? { MaskedPaths: [], ReadonlyPaths: [] } : {}),
  };
}

const OPEN_PATHS = 'systempaths=unconfined';

/** Older files have a colon. */
function withPath(option: string, folder: string): string {
  const profile = /^seccomp[=:](.+)$/s.exec(option)?.[1];
  if (profile === undefined || ['unconfined', 'builtin'].includes(profile) || profile.startsWith('{')) return option;
  return `seccomp=${resolve(folder, profile)}`;
}
