// Rules for tests: only what a test is about has to be said.
import { NOTHING } from '../../src/watch/ignore.ts';
import type { Rule } from '../../src/watch/rule.ts';

/** A rule of the service `web` that syncs /p to /app. */
export function rule(more: Partial<Rule> = {}): Rule {
  return {
    service: 'web',
    action: 'sync',
    path: '/p',
    folder: true,
    target: '/app',
    exec: undefined,
    initialSync: false,
    ignored: NOTHING,
    included: undefined,
    ...more,
  };
}
