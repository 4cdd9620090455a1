// The answer of GET /info as `docker info` prints it.
import { humanBinarySize } from '../../output/human.ts';

type Info = Readonly<Record<string, unknown>>;

/** Lines of the part `Server:`, one blank before each. */
export function infoText(info: Info): string {
  const lines = [
    ...counts(info),
    ...storage(info),
    ...drivers(info),
    ...runtimes(info),
    ...security(info),
    ...host(info),
    ...registries(info),
    `Live Restore Enabled: ${text(info['LiveRestoreEnabled'])}`,
  ];
  return `${lines.map((line) => ` ${line}\n`).join('')}\n`;
}

function counts(info: Info): readonly string[] {
  return [
    `Containers: ${text(info['Containers'])}`,
    ` Running: ${text(info['ContainersRunning'])}`,
    ` Paused: ${text(info['ContainersPaused'])}`,
    ` Stopped: ${text(info['ContainersStopped'])}`,
    `Images: ${text(info['Images'])}`,
    `Server Version: ${text(info['ServerVersion'])}`,
  ];
}

function storage(info: Info): readonly string[] {
  const details = list(info['DriverStatus']).map((pair) => list(pair).map(text));
  return [`Storage Driver: ${text(info['Driver'])}`, ...details.map(([name = '', value = '']) => ` ${name}: ${value}`)];
}

function drivers(info: Info): readonly string[] {
  const plugins = record(info['Plugins']);
  const kinds = ['Volume', 'Network', 'Authorization', 'Log'] as const;
  return [
    `Logging Driver: ${text(info['LoggingDriver'])}`,
    `Cgroup Driver: ${text(info['CgroupDriver'])}`,
    `Cgroup Version: ${text(info['CgroupVersion'])}`,
    'Plugins:',
    ...kinds.flatMap((kind) => {
      const names = list(plugins[kind]).map(text);
      return names.length === 0 ? [] : [` ${kind}: ${names.join(' ')}`];
    }),
    `Swarm: ${text(record(info['Swarm'])['LocalNodeState'])}`,
  ];
}

function runtimes(info: Info): readonly string[] {
  const commit = (name: string): string => text(record(info[name])['ID']);
  const parts = [
    ['containerd', commit('ContainerdCommit')],
    ['runc', commit('RuncCommit')],
    ['init', commit('InitCommit')],
  ] as const;
  return [
    `Runtimes: ${Object.keys(record(info['Runtimes'])).sort().join(' ')}`,
    `Default Runtime: ${text(info['DefaultRuntime'])}`,
    `Init Binary: ${text(info['InitBinary'])}`,
    ...parts.map(([name, version]) => `${name} version: ${version}`),
  ];
}

/** `name=seccomp,profile=default` takes two lines. */
function security(info: Info): readonly string[] {
  const options = list(info['SecurityOptions']).map((option) =>
    text(option)
      .split(',')
      .map((part) => part.split('=')),
  );
  if (options.length === 0) return [];
  const lines = options.flatMap((parts) =>
    parts.map(([key = '', value = '']) => (key === 'name' ? ` ${value}` : `  ${capital(key)}: ${value}`)),
  );
  return ['Security Options:', ...lines];
}

function host(info: Info): readonly string[] {
  return [
    `Kernel Version: ${text(info['KernelVersion'])}`,
    `Operating System: ${text(info['OperatingSystem'])}`,
    `OSType: ${text(info['OSType'])}`,
    `Architecture: ${text(info['Architecture'])}`,
    `CPUs: ${text(info['NCPU'])}`,
    `Total Memory: ${humanBinarySize(Number(info['MemTotal'] ?? 0))}`,
    `Name: ${text(info['Name'])}`,
    `ID: ${text(info['ID'])}`,
    `Docker Root Dir: ${text(info['DockerRootDir'])}`,
    `Debug Mode: ${text(info['Debug'])}`,
    ...(['HttpProxy', 'HttpsProxy', 'NoProxy'] as const).flatMap((key) =>
      text(info[key]) === '' ? [] : [`${PROXIES[key]}: ${text(info[key])}`],
    ),
    ...section('Labels', list(info['Labels']).map(text)),
    `Experimental: ${text(info['ExperimentalBuild'])}`,
  ];
}

const PROXIES = { HttpProxy: 'HTTP Proxy', HttpsProxy: 'HTTPS Proxy', NoProxy: 'No Proxy' } as const;

function registries(info: Info): readonly string[] {
  const config = record(info['RegistryConfig']);
  const named = Object.entries(record(config['IndexConfigs'])).flatMap(([name, index]) =>
    record(index)['Secure'] === false ? [name] : [],
  );
  return [
    ...section('Insecure Registries', [...named, ...list(config['InsecureRegistryCIDRs']).map(text)]),
    ...section('Registry Mirrors', list(config['Mirrors']).map(text)),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => ` ${line}`)];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined || value === null ? '' : JSON.stringify(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown): Info {
  return typeof value === 'object' && value !== null ? (value as Info) : {};
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
