// Records what a compose command makes of every case: `node test/support/record-compose-cases.ts COMMAND [CASE...]`.
// Only ever run against a peer, never against gantry itself. Cases with an expectation of ours are left alone.
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CASE_ENV, composeCases, isOurs, neutral, seal, type ComposeCase } from './compose-cases.ts';

const [command = 'docker-compose', ...only] = process.argv.slice(2);
const version = execFileSync(command, ['version', '--short'], { encoding: 'utf8' }).trim();
const peer = `docker compose ${version}`;
const cases = composeCases()
  .filter(({ id }) => only.length === 0 || only.includes(id))
  .filter((one) => !isOurs(one));
for (const one of cases) record(one);
process.stdout.write(`${cases.length} cases recorded from ${peer}\n`);

function record({ id, dir }: ComposeCase): void {
  rmSync(join(dir, 'expected.yaml'), { force: true });
  rmSync(join(dir, 'refused.txt'), { force: true });
  const env = { ...CASE_ENV, PATH: '/usr/bin:/bin' };
  const run = spawnSync(command, ['config'], { cwd: dir, env, encoding: 'utf8' });
  // a crash says nothing about the file
  if (run.status === null || run.stderr.includes('goroutine ')) crashed(id);
  else if (run.status === 0) writeFileSync(join(dir, 'expected.yaml'), seal(peer, neutral(run.stdout, dir)));
  else writeFileSync(join(dir, 'refused.txt'), seal(peer, 'refused\n'));
}

function crashed(id: string): void {
  process.stderr.write(`${command} crashed on ${id}\n`);
  process.exitCode = 1;
}
