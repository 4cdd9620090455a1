// Runs the command of a rule in one container.
import type { Docker } from '../client/docker.ts';
import type { Hook } from '../compose/model/service-parts.ts';
import { runInContainer, type ContainerRun } from './run-in-container.ts';

/** The command and where its output goes. */
export interface HookRun extends Omit<ContainerRun, 'body'> {
  readonly hook: Hook;
}

/** Gives the exit code. */
export async function runHook(docker: Docker, id: string, { hook, ...run }: HookRun): Promise<number> {
  const environment = Object.entries(hook.environment ?? {});
  const body = {
    Cmd: hook.command ?? [],
    Env: environment.map(([name, value]) => (value === null ? name : `${name}=${value}`)),
    ...(hook.user === undefined ? {} : { User: hook.user }),
    ...(hook.privileged === undefined ? {} : { Privileged: hook.privileged }),
    ...(hook.working_dir === undefined ? {} : { WorkingDir: hook.working_dir }),
  };
  return await runInContainer(docker, id, { ...run, body });
}
