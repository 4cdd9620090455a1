// The recorded cases against docker compose itself, where it is on PATH: what the corpus says it says still holds.
// Only a version that recorded cases is compared, as versions differ from each other.
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import {
  CASE_ENV,
  composeCases,
  isOurs,
  neutral,
  readExpectation,
  runCase,
  type ComposeCase,
} from '../support/compose-cases.ts';
import { findPeer } from '../support/require.ts';

const peer = findPeer('docker-compose', 'docker compose 2.26: Debian: docker-compose 2.26.1-4');
const version = peer && `docker compose ${execFileSync(peer, ['version', '--short'], { encoding: 'utf8' }).trim()}`;
const all = composeCases();
const recorded = all.filter((one) => readExpectation(one).peer === version);
const ours = all.filter(isOurs);

describe.runIf(peer !== undefined && recorded.length > 0)('the cases, with docker compose live', () => {
  it.each(recorded)('$id', async (one) => {
    const theirs = runPeer(one);
    const result = await runCase(one);
    if (theirs === undefined) expect(result).toHaveProperty('refused');
    else expect(result).toEqual({ output: theirs });
  });

  it.each(ours)('$id is not to be recorded', (one) => {
    const { expected } = readExpectation(one);
    const theirs = runPeer(one);
    expect(theirs).not.toBe('output' in expected ? expected.output : undefined);
  });
});

/** What the peer prints; undefined when it refuses; a crash is neither. */
function runPeer({ dir }: ComposeCase): string | undefined {
  const env = { ...CASE_ENV, PATH: '/usr/bin:/bin' };
  const run = spawnSync(peer ?? '', ['config'], { cwd: dir, env, encoding: 'utf8' });
  if (run.stderr.includes('goroutine ')) return 'crashed';
  return run.status === 0 ? neutral(run.stdout, dir) : undefined;
}
