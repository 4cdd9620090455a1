// `security_opt` entries: `name=value`, or with the old colon.
import { GantryError } from '../../../base/error.ts';

/** What they ask for. */
export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** A profile's JSON, `unconfined` or `builtin`; nothing = the default. */
  readonly seccomp: string | undefined;
}

/** Reads the list. Throws engine/bad-parameter for what it does not know. AppArmor and SELinux labels are accepted: no kernel here has them. */
export function securityOptions(entries: readonly string[]): SecurityOptions {
  let options: SecurityOptions = { noNewPrivileges: false, seccomp: undefined };
  for (const entry of entries) options = apply(options, entry);
  return options;
}

function apply(options: SecurityOptions, entry: string): SecurityOptions {
  if (entry === 'no-new-privileges') return { ...options, noNewPrivileges: true };
  const split = /^([a-z-]+)[=:](.*)$/s.exec(entry);
  const value = split?.[2] ?? '';
  switch (split?.[1]) {
    case 'no-new-privileges':
      return { ...options, noNewPrivileges: boolean(entry, value) };
    case 'seccomp':
      return { ...options, seccomp: value };
    case 'apparmor':
    case 'label':
      return options;
    default:
      throw new GantryError('engine/bad-parameter', `invalid --security-opt 2: "${entry}"`);
  }
}

function boolean(entry: string, value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new GantryError('engine/bad-parameter', `invalid --security-opt 2: "${entry}"`);
}
