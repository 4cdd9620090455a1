// Records what a compose command makes of every case: `node test/support/record-compose-cases.ts COMMAND [CASE...]`.
// Only ever run against a peer, never against gantry itself.
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CASE_ENV, composeCases, neutral, seal, type ComposeCase } from './compose-cases.ts';

const [command = 'docker-compose', ...only] = process.argv.slice(2);
const version = execFileSync(command, ['version', '--short'], { encoding: 'utf8' }).trim();
const peer = `docker compose ${version}`;
const cases = composeCases().filter(({ id }) => only.length === 0 || only.includes(id));
for (const one of cases) record(one);
process.stdout.write(`${cases.length} cases recorded from ${peer}\n`);

function record({ dir }: ComposeCase): void {
  rmSync(join(dir, 'expected.yaml'), { force: true });
  rmSync(join(dir, 'refused.txt'), { force: true });
  try {
    const stdio = ['ignore', 'pipe', 'ignore'] as const;
    const env = { ...CASE_ENV, PATH: '/usr/bin:/bin' };
    const output = execFileSync(command, ['config'], { cwd: dir, env, encoding: 'utf8', stdio: [...stdio] });
    writeFileSync(join(dir, 'expected.yaml'), seal(peer, neutral(output, dir)));
  } catch {
    writeFileSync(join(dir, 'refused.txt'), seal(peer, 'refused\n'));
  }
}
