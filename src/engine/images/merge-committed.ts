// The configuration of an image made of a container: what was asked for, completed by the container's own. Pure.
import type { ContainerConfig } from '../../api/containers.ts';

/** Merges by the rules of Docker's commit; an entrypoint that was asked for drops the container's command. */
export function mergeCommitted(asked: ContainerConfig, container: ContainerConfig): ContainerConfig {
  const health = asked.Healthcheck ?? container.Healthcheck;
  return {
    ...asked,
    ...commandOf(asked, container),
    User: asked.User || container.User || '',
    Env: mergeEnv(asked.Env ?? [], container.Env ?? []),
    Labels: { ...container.Labels, ...asked.Labels },
    WorkingDir: asked.WorkingDir || container.WorkingDir || '',
    ...optional('ExposedPorts', { ...container.ExposedPorts, ...asked.ExposedPorts }),
    Volumes: emptyToNull({ ...container.Volumes, ...asked.Volumes }),
    ...(asked.StopSignal || container.StopSignal ? { StopSignal: asked.StopSignal || container.StopSignal } : {}),
    ...(health ? { Healthcheck: health } : {}),
  };
}

function commandOf(asked: ContainerConfig, container: ContainerConfig): Pick<ContainerConfig, 'Cmd' | 'Entrypoint'> {
  const cmd = asked.Cmd ?? null;
  const entrypoint = asked.Entrypoint ?? null;
  if (entrypoint !== null && entrypoint.length > 0) return { Cmd: cmd, Entrypoint: entrypoint };
  return {
    Cmd: cmd !== null && cmd.length > 0 ? cmd : (container.Cmd ?? null),
    Entrypoint: entrypoint ?? container.Entrypoint ?? null,
  };
}

function mergeEnv(asked: readonly string[], container: readonly string[]): readonly string[] {
  const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? '';
  const named = new Set(asked.map(nameOf));
  return [...asked, ...container.filter((entry) => !named.has(nameOf(entry)))];
}

function emptyToNull(marks: Readonly<Record<string, object>>): Readonly<Record<string, object>> | null {
  return Object.keys(marks).length === 0 ? null : marks;
}

function optional(name: string, marks: Readonly<Record<string, object>>): object {
  return Object.keys(marks).length === 0 ? {} : { [name]: marks };
}
