// The docker command against a test's engine, with what most tests need of it.
import { expect } from 'vitest';
import type { ContainerInspect } from '../../src/api/containers.ts';
import type { ProcessResult } from '../../src/base/process.ts';
import type { TestEngine } from './engine.ts';

/** Docker commands as functions. */
export interface Docker {
  /** Runs a command; the last argument may be a whole shell line. */
  readonly docker: (...args: string[]) => Promise<ProcessResult>;
  /** The same, and it must succeed; gives what it prints. */
  readonly ok: (...args: string[]) => Promise<string>;
  readonly inspect: (name: string) => Promise<ContainerInspect>;
}

/** The commands for an engine, which may be made later. */
export function dockerFor(engine: () => TestEngine): Docker {
  const docker = async (...args: string[]): Promise<ProcessResult> => engine().docker(args);
  const ok = async (...args: string[]): Promise<string> => {
    const result = await docker(...args);
    expect(result, args.join(' ')).toMatchObject({ status: 0 });
    return result.stdout.trim();
  };
  const inspect = async (name: string): Promise<ContainerInspect> => {
    const [found] = JSON.parse(await ok('inspect', name)) as ContainerInspect[];
    if (found === undefined) throw new Error(`${name} is not there`);
    return found;
  };
  return { docker, ok, inspect };
}
