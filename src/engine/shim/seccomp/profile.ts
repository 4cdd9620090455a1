// What a system call profile is, for the built-in one and for those a user gives, and which of its rules count.

/** Architectures a filter can name; each host architecture also runs its compatible ones. */
export type Arch = 'x86_64' | 'x86' | 'x32' | 'aarch64' | 'arm';

/** What happens to a call. */
export type Action = 'allow' | 'log' | 'killProcess' | 'killThread' | { readonly errno: number };

/** A test of one argument. `width` 32 looks at the low half alone. */
export interface ArgCheck {
  readonly index: number;
  readonly op: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'maskedEq';
  readonly value: bigint;
  /** With maskedEq: (argument & mask) == value. */
  readonly mask?: bigint;
  readonly width?: 32 | 64;
}

/** Calls by name with one action ("allow" if none is given) when every check holds. Conditions are about the container. */
export interface Rule {
  readonly names: readonly string[];
  readonly action?: Action;
  readonly args?: readonly ArgCheck[];
  /** Counts only when the container's bounding set has one of these. */
  readonly caps?: readonly string[];
  /** Counts only when it has none of these. */
  readonly withoutCaps?: readonly string[];
  readonly arches?: readonly Arch[];
  readonly minKernel?: readonly [number, number];
}

/** A whole profile. */
export interface Profile {
  readonly defaultAction: Action;
  readonly rules: readonly Rule[];
}

/** What conditions are decided by. */
export interface FilterFacts {
  readonly arch: 'x86_64' | 'aarch64';
  readonly caps: readonly string[];
  readonly kernel: readonly [number, number];
}

/** The rules that count for one architecture of the filter. */
export function rulesFor(profile: Profile, arch: Arch, facts: FilterFacts): readonly Rule[] {
  return profile.rules.filter(
    (rule) =>
      (rule.arches?.includes(arch) ?? true) &&
      (rule.caps?.some((cap) => facts.caps.includes(cap)) ?? true) &&
      !(rule.withoutCaps?.some((cap) => facts.caps.includes(cap)) ?? false) &&
      newEnough(facts.kernel, rule.minKernel ?? [0, 0]),
  );
}

function newEnough(kernel: readonly [number, number], least: readonly [number, number]): boolean {
  return kernel[0] > least[0] || (kernel[0] === least[0] && kernel[1] >= least[1]);
}
