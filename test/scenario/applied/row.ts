// The words that the tables of applied attributes are written in. Data only: .ci reads them too.

/** How one attribute shows in a running container. `$PID`, `$PID_service`, `$ID`, `$NAME` are set for `outside`. */
export type Look =
  | { readonly kind: 'inside' | 'outside'; readonly script: string }
  | { readonly kind: 'inspect'; readonly path: string }
  | { readonly kind: 'network' | 'volume'; readonly name: string; readonly path: string }
  | { readonly kind: 'logs' }
  | { readonly kind: 'cgroup'; readonly controller: string; readonly v1: string; readonly v2: string };

/** One observation and the attributes it proves. */
export interface Probe {
  /** Paths of the attribute table. */
  readonly proves: readonly string[];
  readonly look: Look;
  /** All of the answer but its last line end, or what it must match; a pair is for cgroup version 1 and 2. */
  readonly is: Answer | readonly [Answer, Answer];
}

export type Answer = string | RegExp;

/** A service and what is seen of its first container. */
export interface Subject {
  readonly name: string;
  /** Attributes at the left margin; image, command and grace period need not be said. Absent: it is in another file. */
  readonly yaml?: string;
  readonly probes: readonly Probe[];
}

/** A compose file of its own; all of them are one project. */
export interface Table {
  readonly subjects: readonly Subject[];
  /** What stands beside `services:`. */
  readonly rest?: string;
  /** Files by path below the project's folder. */
  readonly files?: Readonly<Record<string, string>>;
}

/** `a b` are attributes of services; `/networks.*.name` is one of the file. */
export function paths(proves: string): readonly string[] {
  return proves.split(' ').map((path) => (path.startsWith('/') ? path.slice(1) : `services.*.${path}`));
}

/** What a script says inside the container, as its user. */
export const inside = (proves: string, script: string, is: Answer): Probe => ({
  proves: paths(proves),
  look: { kind: 'inside', script },
  is,
});

/** What a script says on the host. `same KIND PROCESS` compares a namespace. */
export const outside = (proves: string, script: string, is: Answer): Probe => ({
  proves: paths(proves),
  look: { kind: 'outside', script },
  is,
});

/** A value of the container's inspection as JSON: only for what is made for looking at. */
export const shown = (proves: string, path: string, is: Answer): Probe => ({
  proves: paths(proves),
  look: { kind: 'inspect', path },
  is,
});

/** The same of a network, or of a volume. */
export const shownOf = (
  proves: string,
  [kind, name]: readonly ['network' | 'volume', string],
  path: string,
  is: Answer,
): Probe => ({ proves: paths(proves), look: { kind, name, path }, is });

/** All that the container wrote. */
export const logged = (proves: string, is: Answer): Probe => ({ proves: paths(proves), look: { kind: 'logs' }, is });

/** A file of the container's cgroup, by its names in version 1 (`controller/file`) and 2; "" where there is none. */
export const cgroup = (proves: string, files: readonly [string, string], is: Probe['is']): Probe => {
  const [v1, v2] = files;
  const [controller = ''] = v1.split('/');
  return { proves: paths(proves), look: { kind: 'cgroup', controller, v1: v1.slice(controller.length + 1), v2 }, is };
};

/** A service. */
export const subject = (name: string, yaml: string, probes: readonly Probe[]): Subject => ({ name, yaml, probes });
