// The one builder of launch plans: a container's configuration, image, network and host in, the bytes a shim obeys out.
import type { CreateExecBody, ContainerConfig, HostConfig } from '../../api/containers.ts';
import { encodeRecord } from './codec.ts';
import type { HostFacts } from './host-facts.ts';
import { logLimits } from './plan/log-limits.ts';
import { cgroupRecords } from './plan/cgroups.ts';
import { deviceRecords, hiddenRecords } from './plan/devices.ts';
import type { PlanInput } from './plan/input.ts';
import { mountRecords } from './plan/mounts.ts';
import { namespaceRecords } from './plan/namespaces.ts';
import { containerProcess, environment, mergeEnv, processRecords } from './plan/process.ts';
import { sysctlRecords } from './plan/sysctls.ts';
import { PLAN } from './records.ts';

/** The plan of a container's start. */
export function launchPlan(input: PlanInput): Buffer {
  const { id, config, host, facts } = input;
  return Buffer.concat([
    encodeRecord(PLAN.container, { id }),
    ...processRecords(containerProcess(config, host, input.linkEnv), host, facts),
    ...namespaceRecords(input),
    ...input.layers.map((path) => encodeRecord(PLAN.layer, { path })),
    overlayRecord(input),
    ...mountRecords(input),
    ...deviceRecords(input),
    ...hiddenRecords(input),
    ...sysctlRecords(host),
    ...cgroupRecords(input),
    ...input.network,
    ...logRecords(input),
  ]);
}

/** The plan of an exec: the container's own limits, filter and capabilities, and what the request changes. */
export function execPlan(
  request: CreateExecBody,
  container: { config: ContainerConfig; host: HostConfig; facts: HostFacts },
): Buffer {
  const { config, host, facts } = container;
  const base = containerProcess(config, host, []);
  const size = request.ConsoleSize ?? [0, 0];
  const tty = request.Tty === true;
  const spec = {
    ...base,
    argv: request.Cmd ?? [],
    env: mergeEnv(environment({ ...config, Tty: tty }), request.Env ?? []),
    cwd: request.WorkingDir || base.cwd,
    user: request.User || base.user,
    tty,
    stdin: request.AttachStdin === true,
    stdinOnce: true,
    init: false,
    size: [size[0], size[1]] as const,
    privileged: request.Privileged === true,
  };
  return Buffer.concat(processRecords(spec, host, facts));
}

function overlayRecord({ upper, work, host }: PlanInput): Buffer {
  return encodeRecord(PLAN.overlay, { upper, work, readonly: host.ReadonlyRootfs === true ? 1 : 0 });
}

/** Both drivers write the same file; `local` bounds it by default, json-file only when it is asked to. */
function logRecords({ logPath, host }: PlanInput): readonly Buffer[] {
  if (logPath === '') return [];
  const { maxSize, maxFiles } = logLimits(host.LogConfig?.Type ?? '', host.LogConfig?.Config ?? {});
  return [encodeRecord(PLAN.log, { path: logPath, maxSize: BigInt(maxSize), maxFiles })];
}
