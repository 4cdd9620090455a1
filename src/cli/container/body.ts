// The flags of `run` and `create` as the body of the API's create call. Calls no engine.
import { readFile } from 'node:fs/promises';
import type { CreateContainerBody, HealthConfig, HostConfig, Resources } from '../../api/containers.ts';
import type { Env } from '../../base/env.ts';
import { GantryError, messageOf } from '../../base/error.ts';
import { labelTexts, variablesOf } from './env.ts';
import { hasFlag, listFlag, refuseFlags, textFlag, type ContainerFlags } from './flags.ts';
import { mountOf, tmpfsOf, volumeFlags } from './mounts.ts';
import { isUserDefined, networkFlags } from './networks.ts';
import { portMaps } from './ports.ts';
import { bytesOf, deviceOf, durationOf, nanoCpusOf, numberOf, pairsOf, restartOf, ulimitOf } from './values.ts';

/** What a container is made of. */
export interface BodyInput {
  readonly image: string;
  readonly command: readonly string[];
  readonly flags: ContainerFlags;
  /** Streams that will be attached. */
  readonly attach: Attach;
  readonly env: Env;
  readonly cwd: string;
}

/** Streams of this process that are connected with the container's. */
export interface Attach {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** The body. Throws usage/invalid-flag. */
export async function createBody(input: BodyInput): Promise<CreateContainerBody> {
  const { flags, attach, image, command, env, cwd } = input;
  refuseFlags(flags);
  const volumes = volumeFlags(listFlag(flags, 'volume'), cwd);
  const ports = portMaps(listFlag(flags, 'publish'), listFlag(flags, 'expose'));
  const network = networkFlags(flags);
  const entrypoint = textFlag(flags, 'entrypoint');
  const health = healthOf(flags);
  return {
    Image: image,
    Cmd: command.length === 0 ? null : command,
    Hostname: textFlag(flags, 'hostname') ?? '',
    Domainname: textFlag(flags, 'domainname') ?? '',
    User: textFlag(flags, 'user') ?? '',
    AttachStdin: attach.stdin,
    AttachStdout: attach.stdout,
    AttachStderr: attach.stderr,
    Tty: hasFlag(flags, 'tty'),
    OpenStdin: hasFlag(flags, 'interactive'),
    StdinOnce: hasFlag(flags, 'interactive') && attach.stdin,
    Env: await variablesOf(listFlag(flags, 'env'), listFlag(flags, 'envFile'), env),
    ExposedPorts: ports.exposed,
    Volumes: Object.fromEntries(volumes.anonymous.map((path) => [path, {}])),
    WorkingDir: textFlag(flags, 'workdir') ?? '',
    Labels: pairsOf(await labelTexts(listFlag(flags, 'label'), listFlag(flags, 'labelFile'))),
    ...(entrypoint === undefined ? {} : { Entrypoint: [entrypoint] }),
    ...(health === undefined ? {} : { Healthcheck: health }),
    ...optional('StopSignal', textFlag(flags, 'stopSignal')),
    ...optional('StopTimeout', numberOf('stop-timeout', textFlag(flags, 'stopTimeout'))),
    ...optional('MacAddress', textFlag(flags, 'macAddress')),
    HostConfig: {
      ...(await hostOf(flags, cwd)),
      ...resourcesOf(flags),
      ...optional('Binds', volumes.binds.length === 0 ? undefined : volumes.binds),
      PortBindings: ports.bindings,
      NetworkMode: network.mode,
      ...(isUserDefined(network.mode) ? {} : { Links: listFlag(flags, 'link') }),
    },
    NetworkingConfig: { EndpointsConfig: network.endpoints },
  };
}

async function hostOf(flags: ContainerFlags, cwd: string): Promise<HostConfig> {
  const restart = restartOf(textFlag(flags, 'restart'));
  if (hasFlag(flags, 'rm') && restart.Name !== 'no' && restart.Name !== '')
    throw new GantryError('usage/invalid-flag', 'conflicting options: cannot specify both --restart and --rm');
  const [mounts, logDriver] = [listFlag(flags, 'mount'), textFlag(flags, 'logDriver')];
  return {
    ...optional('Mounts', mounts.length === 0 ? undefined : mounts.map((mount) => mountOf(mount, cwd))),
    ...optional('Tmpfs', listFlag(flags, 'tmpfs').length === 0 ? undefined : tmpfsOf(listFlag(flags, 'tmpfs'))),
    ...optional('VolumesFrom', some(listFlag(flags, 'volumesFrom'))),
    VolumeDriver: textFlag(flags, 'volumeDriver') ?? '',
    PublishAllPorts: hasFlag(flags, 'publishAll'),
    ExtraHosts: listFlag(flags, 'addHost').map((host) => host.replace(/^([^:=]+)=/, '$1:')),
    Dns: listFlag(flags, 'dns'),
    DnsOptions: listFlag(flags, 'dnsOption'),
    DnsSearch: listFlag(flags, 'dnsSearch'),
    RestartPolicy: restart,
    AutoRemove: hasFlag(flags, 'rm'),
    CapAdd: some(listFlag(flags, 'capAdd')),
    CapDrop: some(listFlag(flags, 'capDrop')),
    Privileged: hasFlag(flags, 'privileged'),
    ReadonlyRootfs: hasFlag(flags, 'readOnly'),
    SecurityOpt: some(await Promise.all(listFlag(flags, 'securityOpt').map(securityOpt))),
    GroupAdd: some(listFlag(flags, 'groupAdd')),
    ...(flags['init'] === undefined ? {} : { Init: hasFlag(flags, 'init') }),
    IpcMode: textFlag(flags, 'ipc') ?? '',
    PidMode: textFlag(flags, 'pid') ?? '',
    UTSMode: textFlag(flags, 'uts') ?? '',
    UsernsMode: textFlag(flags, 'userns') ?? '',
    CgroupnsMode: textFlag(flags, 'cgroupns') ?? '',
    Sysctls: pairsOf(listFlag(flags, 'sysctl')),
    Annotations: pairsOf(listFlag(flags, 'annotation')),
    StorageOpt: pairsOf(listFlag(flags, 'storageOpt')),
    ...optional('ShmSize', bytesOf('shm-size', textFlag(flags, 'shmSize'))),
    ...optional('OomScoreAdj', numberOf('oom-score-adj', textFlag(flags, 'oomScoreAdj'))),
    ...optional('Runtime', textFlag(flags, 'runtime')),
    LogConfig: { Type: logDriver ?? '', Config: pairsOf(listFlag(flags, 'logOpt')) },
  };
}

/** Limits; also those of `update`. */
export function resourcesOf(flags: ContainerFlags): Resources {
  const text = (key: string): string | undefined => textFlag(flags, key);
  return {
    ...optional('Memory', bytesOf('memory', text('memory'))),
    ...optional('MemorySwap', bytesOf('memory-swap', text('memorySwap'))),
    ...optional('MemoryReservation', bytesOf('memory-reservation', text('memoryReservation'))),
    ...optional('MemorySwappiness', numberOf('memory-swappiness', text('memorySwappiness'))),
    ...optional('NanoCpus', nanoCpusOf(text('cpus'))),
    ...optional('CpuShares', numberOf('cpu-shares', text('cpuShares'))),
    ...optional('CpuPeriod', numberOf('cpu-period', text('cpuPeriod'))),
    ...optional('CpuQuota', numberOf('cpu-quota', text('cpuQuota'))),
    ...optional('CpusetCpus', text('cpusetCpus')),
    ...optional('CpusetMems', text('cpusetMems')),
    ...optional('PidsLimit', numberOf('pids-limit', text('pidsLimit'))),
    ...optional('BlkioWeight', numberOf('blkio-weight', text('blkioWeight'))),
    ...optional('CgroupParent', text('cgroupParent')),
    ...(hasFlag(flags, 'oomKillDisable') ? { OomKillDisable: true } : {}),
    ...optional('Devices', some(listFlag(flags, 'device').map(deviceOf))),
    ...optional('DeviceCgroupRules', some(listFlag(flags, 'deviceCgroupRule'))),
    ...optional('Ulimits', some(listFlag(flags, 'ulimit').map(ulimitOf))),
  };
}

function healthOf(flags: ContainerFlags): HealthConfig | undefined {
  const duration = (flag: string, key: string): number => durationOf(flag, textFlag(flags, key)) ?? 0;
  const command = textFlag(flags, 'healthCmd');
  const health = {
    Interval: duration('health-interval', 'healthInterval'),
    Timeout: duration('health-timeout', 'healthTimeout'),
    StartPeriod: duration('health-start-period', 'healthStartPeriod'),
    StartInterval: duration('health-start-interval', 'healthStartInterval'),
    Retries: numberOf('health-retries', textFlag(flags, 'healthRetries')) ?? 0,
  };
  const isSet = command !== undefined || Object.values(health).some((value) => value !== 0);
  if (flags['healthcheck'] === false) {
    if (isSet) throw new GantryError('usage/invalid-flag', '--no-healthcheck conflicts with --health-* options');
    return { Test: ['NONE'] };
  }
  if (!isSet) return undefined;
  return { ...(command === undefined ? {} : { Test: ['CMD-SHELL', command] }), ...health };
}

/** `seccomp=FILE` is read here: the engine may be elsewhere. */
async function securityOpt(text: string): Promise<string> {
  const path = /^seccomp[=:](.+)$/.exec(text)?.[1];
  if (path === undefined || path === 'unconfined' || path === 'builtin') return text;
  try {
    return `seccomp=${JSON.stringify(JSON.parse(await readFile(path, 'utf8')))}`;
  } catch (cause) {
    throw new GantryError('usage/invalid-flag', `opening seccomp profile (${path}) failed: ${messageOf(cause)}`, {
      cause,
    });
  }
}

const some = <T>(list: readonly T[]): readonly T[] | null => (list.length === 0 ? null : list);

function optional<K extends string, V>(key: K, value: V | null | undefined): Partial<Record<K, V>> {
  return value === undefined || value === null ? {} : ({ [key]: value } as Partial<Record<K, V>>);
}
