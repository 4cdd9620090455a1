// Attributes that a test outside the tables proves, because more than one look at what runs is needed. Data only.
import { paths } from './row.ts';

/** A test by its title, and the attributes it proves. */
export interface ProvedElsewhere {
  /** From the root of the project. */
  readonly file: string;
  readonly test: string;
  readonly proves: readonly string[];
}

const by = (file: string, test: string, proves: string): ProvedElsewhere => ({
  file: `test/scenario/${file}.test.ts`,
  test,
  proves: paths(proves),
});

const watch = (test: string, keys: string, file = 'watch'): ProvedElsewhere =>
  by(file, test, keys.replaceAll(/(^| )/g, '$1develop.watch.*.'));

/** All of them. */
export const ELSEWHERE: readonly ProvedElsewhere[] = [
  by('applied-life', 'depends_on restart: who says so is restarted with what it needs', 'depends_on.*.restart'),
  by('applied-life', 'stop_signal and stop_grace_period: what is sent', 'stop_signal stop_grace_period'),
  by('applied-life', 'attach: false keeps a service out of what up shows', 'attach'),
  by('applied-life', 'pull_policy: missing, never, always and build', 'pull_policy'),
  by('applied-life', 'platform: an image of another one is refused', 'platform'),
  by(
    'applied-life',
    'build: no_cache, cache_from, pull and platforms',
    'build.no_cache build.cache_from build.pull build.platforms',
  ),
  watch('starts the services and copies what initial_sync names', 'initial_sync'),
  watch('copies what is saved in place, by rename, and in folders that are new', 'path target action'),
  watch('leaves out what is ignored, and takes back what is excepted', 'ignore'),
  watch(
    'copies to all replicas and runs the command in each, once for a burst',
    'action include exec.command exec.user exec.privileged exec.working_dir exec.environment',
  ),
  watch('restarts for what wants it, once the copy is there', 'action'),
  watch('builds again what wants it, leaves others alone, and keeps the container of a build that fails', 'action'),
];
