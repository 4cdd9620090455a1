// Routes of the engine as a whole: ping, version, info, and gantry's own shutdown.
import { arch, cpus, hostname, release, totalmem } from 'node:os';
import { readFileSync, statfsSync } from 'node:fs';
import type { VersionAnswer } from '../../../api/objects.ts';
import { API_VERSION, MIN_API_VERSION, VERSION } from '../../../base/version.ts';
import type { ApiRequest, Handlers, StreamAnswer } from '../types.ts';

/** What these routes need of the daemon. */
export interface SystemOptions {
  readonly engineId: string;
  readonly data: string;
  readonly cgroupVersion: 1 | 2;
  /** The areas' parts of GET /info. */
  readonly info: () => Promise<Readonly<Record<string, unknown>>>;
  /** Ends the daemon after this answer; containers stay. */
  readonly shutdown: () => void;
}

/** The routes. */
export function systemRoutes(options: SystemOptions): Handlers {
  return {
    ping: () => Promise.resolve(pong('OK')),
    pingHead: () => Promise.resolve(pong('')),
    version: () => Promise.resolve({ json: versionAnswer() }),
    info: async () => ({ json: await infoAnswer(options) }),
    pluginList: () => Promise.resolve({ json: [] }),
    // part of `docker system prune`, which stops at a refusal
    gantryShutdown: (request) => Promise.resolve(shutdown(options, request)),
  };
}

/** Clients negotiate by these headers, so nothing may cache them. */
function pong(body: string): StreamAnswer {
  return {
    headers: {
      'Builder-Version': '1',
      'Cache-Control': 'no-cache, no-store, must-revalidate',
      'Content-Length': String(body.length),
      'Content-Type': 'text/plain; charset=utf-8',
      Pragma: 'no-cache',
      Swarm: 'inactive',
    },
    write: (out) => {
      out.write(body);
      return Promise.resolve();
    },
  };
}

/** Go's name of this machine's architecture. */
function goArch(): string {
  return arch() === 'x64' ? 'amd64' : arch();
}

function versionAnswer(): VersionAnswer {
  const details = {
    ApiVersion: API_VERSION,
    Arch: goArch(),
    KernelVersion: release(),
    MinAPIVersion: MIN_API_VERSION,
    Os: 'linux',
    Experimental: 'false',
  };
  return {
    Platform: { Name: 'gantry' },
    Components: [
      { Name: 'Engine', Version: VERSION, Details: { ...details, GitCommit: '', GoVersion: 'none', BuildTime: '' } },
    ],
    Version: VERSION,
    ApiVersion: API_VERSION,
    MinAPIVersion: MIN_API_VERSION,
    GitCommit: '',
    GoVersion: 'none',
    Os: 'linux',
    Arch: goArch(),
    KernelVersion: release(),
    BuildTime: '',
  };
}

async function infoAnswer(options: SystemOptions): Promise<Readonly<Record<string, unknown>>> {
  return { ...FIXED_INFO, ...hostInfo(options), ...(await options.info()) };
}

function hostInfo(options: SystemOptions): Readonly<Record<string, unknown>> {
  const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };
  return {
    ID: options.engineId,
    Name: hostname(),
    DockerRootDir: options.data,
    DriverStatus: [['Backing Filesystem', fileSystem(options.data)]],
    KernelVersion: release(),
    OperatingSystem: osName(),
    OSVersion: '',
    Architecture: machines[arch()] ?? arch(),
    NCPU: cpus().length,
    MemTotal: totalmem(),
    CgroupVersion: String(options.cgroupVersion),
    SystemTime: new Date().toISOString(),
  };
}

/** By the magic number, under Docker's names. */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: 'extfs',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x01021994: 'tmpfs',
  0x2fc12fc1: 'zfs',
  0xf2f52010: 'f2fs',
};

function fileSystem(folder: string): string {
  const { type } = statfsSync(folder);
  return FILE_SYSTEMS[type >>> 0] ?? '<unknown>';
}

function osName(): string {
  try {
    return /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  } catch {
    return 'Linux'; // the file is optional
  }
}

/** What is the same on every host; clients read these even where gantry has no such part. */
const FIXED_INFO: Readonly<Record<string, unknown>> = {
  Containers: 0,
  ContainersRunning: 0,
  ContainersPaused: 0,
  ContainersStopped: 0,
  Images: 0,
  Driver: 'overlay2',
  Plugins: {
    Volume: ['local'],
    Network: ['bridge', 'host', 'null'],
    Authorization: null,
    Log: ['json-file', 'local', 'none'],
  },
  MemoryLimit: true,
  SwapLimit: true,
  CpuCfsPeriod: true,
  CpuCfsQuota: true,
  CPUShares: true,
  CPUSet: true,
  PidsLimit: true,
  IPv4Forwarding: true,
  BridgeNfIptables: true,
  BridgeNfIp6tables: true,
  OomKillDisable: true,
  Debug: false,
  NFd: 0,
  NGoroutines: 0,
  NEventsListener: 0,
  LoggingDriver: 'json-file',
  CgroupDriver: 'cgroupfs',
  OSType: 'linux',
  IndexServerAddress: 'https://index.docker.io/v1/',
  RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8'], IndexConfigs: {}, Mirrors: [] },
  GenericResources: null,
  HttpProxy: '',
  HttpsProxy: '',
  NoProxy: '',
  Labels: [],
  ExperimentalBuild: false,
  ServerVersion: VERSION,
  Runtimes: { gantry: { path: 'gantry' } },
  DefaultRuntime: 'gantry',
  Swarm: {
    NodeID: '',
    NodeAddr: '',
    LocalNodeState: 'inactive',
    ControlAvailable: false,
    Error: '',
    RemoteManagers: null,
  },
  LiveRestoreEnabled: true,
  Isolation: '',
  InitBinary: 'gantry',
  ContainerdCommit: { ID: '', Expected: '' },
  RuncCommit: { ID: '', Expected: '' },
  InitCommit: { ID: '', Expected: '' },
  SecurityOptions: ['name=seccomp,profile=default'],
  ProductLicense: '',
  Warnings: [],
};

function shutdown(options: SystemOptions, request: ApiRequest): { readonly status: 204 } {
  // the answer is on its way before the engine goes
  request.signal.addEventListener('abort', () => options.shutdown(), { once: true });
  return { status: 204 };
}
