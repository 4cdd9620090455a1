// Runs a network driver inside the network namespace it is started in, on orders from a test: a JSON line each way.
// argv: run folder, engine tag, path of the harness of the C code.
import { createInterface } from 'node:readline';
import { createNetworkDriver } from '../../src/engine/networks/driver.ts';
import type { NetOps } from '../../src/engine/networks/types.ts';
import { createLogger } from '../../src/base/log.ts';
import { runProcess } from '../../src/base/process.ts';

const [, , run = '', tag = '', harness = ''] = process.argv;

const ops: NetOps = {
  async run(records, { signal }) {
    const result = await runProcess(harness, ['ops'], { input: records, signal });
    if (result.status !== 0) throw new Error(`network operation failed: ${result.stdout}${result.stderr}`);
  },
  rulesChanged: () => Promise.reject(new Error('the harness does not tell')),
};
const warnings: unknown[] = [];
const driver = createNetworkDriver({
  run,
  tag,
  ops,
  log: createLogger(process.stderr, 'warn'),
  warn: (warning) => warnings.push(warning),
});

async function obey(method: string, args: readonly unknown[]): Promise<unknown> {
  if (method === 'warnings') return warnings;
  const calls = driver as unknown as Readonly<Record<string, (...rest: unknown[]) => Promise<unknown>>>;
  const waiting = { signal: AbortSignal.timeout(30_000) };
  const value = await calls[method]?.(
    ...args,
    ...(['planContainer', 'writeNames', 'close'].includes(method) ? [] : [waiting]),
  );
  return Array.isArray(value) ? value.map((record) => (record as Buffer).toString('hex')) : null;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, args } = JSON.parse(line) as { id: number; method: string; args: unknown[] };
  void obey(method, args).then(
    (value) => process.stdout.write(`${JSON.stringify({ id, value })}\n`),
    (error: unknown) => process.stdout.write(`${JSON.stringify({ id, error: String(error) })}\n`),
  );
}
process.exit(0);
