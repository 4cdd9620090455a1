// The flags of `up`, which `create`, `scale`, `run` and `watch` give as well: what they mean, which contradict each other.
import { GantryError } from '../base/error.ts';
import type { PullFlag } from '../project/pulls.ts';
import type { UpOptions } from '../project/reconcile-context.ts';
import type { Context } from './context.ts';
import { exclusive, integerOf, scaleOf, secondsOf } from './flags.ts';

/** Flags of `up`. */
export interface UpFlags {
  readonly detach?: boolean;
  readonly plan?: boolean;
  readonly forceRecreate?: boolean;
  readonly recreate?: boolean;
  readonly alwaysRecreateDeps?: boolean;
  readonly renewAnonVolumes?: boolean;
  readonly start?: boolean;
  readonly deps?: boolean;
  readonly scale?: readonly string[];
  readonly removeOrphans?: boolean;
  readonly timeout?: string;
  readonly pull?: string;
  readonly quietPull?: boolean;
  readonly abortOnContainerExit?: boolean;
  readonly abortOnContainerFailure?: boolean;
  readonly exitCodeFrom?: string;
  readonly attach?: readonly string[];
  readonly noAttach?: readonly string[];
  readonly attachDependencies?: boolean;
  readonly color?: boolean;
  readonly logPrefix?: boolean;
  readonly timestamps?: boolean;
  readonly wait?: boolean;
  readonly waitTimeout?: string;
  readonly watch?: boolean;
  readonly build?: boolean;
  readonly quietBuild?: boolean;
}

/** What the flags mean for the plan. Throws usage/invalid-flag. */
export function upOptions(context: Context, named: readonly string[], flags: UpFlags): UpOptions {
  const isOn = (value: string | undefined): boolean => ['1', 'true', 't'].includes(value?.toLowerCase() ?? '');
  return {
    named,
    forceRecreate: flags.forceRecreate ?? false,
    noRecreate: flags.recreate === false,
    alwaysRecreateDeps: flags.alwaysRecreateDeps ?? false,
    renewAnonVolumes: flags.renewAnonVolumes ?? false,
    removeOrphans: flags.removeOrphans ?? isOn(context.env['COMPOSE_REMOVE_ORPHANS']),
    ignoreOrphans: isOn(context.env['COMPOSE_IGNORE_ORPHANS']),
    scale: scaleOf(flags.scale ?? []),
    timeout: secondsOf(flags.timeout),
    noStart: flags.start === false,
    wait: flags.wait ?? false,
  };
}

/** `--pull`; `policy` leaves it to the services. Throws usage/invalid-flag. */
export function pullFlag(text: string | undefined): PullFlag | undefined {
  if (text === undefined || text === 'policy' || text === 'build') return undefined;
  if (text === 'always' || text === 'missing' || text === 'never') return text;
  throw new GantryError('usage/invalid-flag', `--pull ${text}: give always, missing, never or policy`);
}

/** Seconds of `--wait-timeout`; undefined: as long as it takes. Throws usage/invalid-flag. */
export function waitSeconds({ waitTimeout }: Pick<UpFlags, 'waitTimeout'>): number | undefined {
  const seconds = waitTimeout === undefined ? 0 : integerOf('--wait-timeout', waitTimeout, 0);
  return seconds === 0 ? undefined : seconds;
}

const ATTACHED_ONLY = [
  'abort-on-container-exit',
  'abort-on-container-failure',
  'exit-code-from',
  'attach',
  'attach-dependencies',
  'watch',
];
const RECREATING = ['force-recreate', 'renew-anon-volumes', 'always-recreate-deps'];

/** Refuses flags that contradict each other. */
export function checkUpFlags(flags: UpFlags): void {
  const given = { ...flags, noBuild: flags.build === false, noRecreate: flags.recreate === false };
  exclusive(given, [
    ...ATTACHED_ONLY.flatMap((name) => [['detach', name] as const, ['wait', name] as const]),
    ...RECREATING.map((name) => ['no-recreate', name] as const),
    ['abort-on-container-exit', 'abort-on-container-failure'],
    ['no-build', 'watch'],
  ]);
}
