// The recorded cases against docker compose itself, where it is on PATH: what the corpus says it says still holds.
// Only a version that recorded cases is compared, as versions differ from each other.
import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { CASE_ENV, composeCases, neutral, readRecording, runCase } from '../support/compose-cases.ts';
import { findPeer } from '../support/require.ts';

const peer = findPeer('docker-compose', 'docker compose 2.26: Debian: docker-compose 2.26.1-4');
const version = peer && `docker compose ${execFileSync(peer, ['version', '--short'], { encoding: 'utf8' }).trim()}`;
const cases = composeCases().filter((one) => readRecording(one).peer === version);

describe.runIf(peer !== undefined && cases.length > 0)('the cases, with docker compose live', () => {
  it.each(cases)('$id', async (one) => {
    const run = spawnSync(peer ?? '', ['config'], {
      cwd: one.dir,
      env: { ...CASE_ENV, PATH: '/usr/bin:/bin' },
      encoding: 'utf8',
    });
    const ours = await runCase(one);
    if (run.status === 0) expect(ours).toEqual({ output: neutral(run.stdout, one.dir) });
    else expect(ours).toHaveProperty('refused');
  });
});
