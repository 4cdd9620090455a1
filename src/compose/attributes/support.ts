// What of the attribute table is not applied: paths (`*` is one name or one item) and why. What is not listed is
// applied. Only facts about this program belong here; what a file may say is in the table itself.

/** What becomes of an attribute that is not applied. */
export interface Limit {
  /** `ignored`: the file loads, with a warning. `refused`: what would need it stops with an error. */
  readonly as: 'ignored' | 'refused';
  /** Follows "is not applied: ". */
  readonly why: string;
  /** Values that ask for nothing, so that there is nothing to say. */
  readonly harmless?: readonly string[];
  /** The loader writes one where the file has none, which asks for nothing. */
  readonly filledIn?: true;
  /** The loader has its own warning for it. */
  readonly told?: true;
}

const ignored = (why: string, more: Partial<Limit> = {}): Limit => ({ as: 'ignored', why, ...more });
const refused = (why: string): Limit => ({ as: 'refused', why });

const CLUSTER = 'there is no cluster that would need it';
const WINDOWS = 'it means something for Windows containers only';
const BUILDKIT = 'it needs BuildKit, and images are built by the classic builder';
const NO_DEVICES = "gantry's own engine gives no devices by driver yet";
const NO_WEIGHTS = "gantry's own engine has no weights for single disks yet";
const NO_REALTIME = "gantry's own engine does not set real-time limits";
const NO_OBJECT = 'secrets and configs are files of a container, no objects of the engine';
const NO_STORE = 'the engine keeps no secrets and configs of its own; give it a file, a variable or content';
const FOR_READERS = 'it tells readers what a port is for, and no engine has a place for it';
const NO_HOOKS = 'hooks are not there yet';
const NO_MODELS = 'models are not there yet';

const DEPLOY: Readonly<Record<string, Limit>> = {
  mode: ignored(CLUSTER, { harmless: ['replicated'] }),
  labels: ignored('there are no services in the engine that could carry them'),
  update_config: ignored(CLUSTER),
  rollback_config: ignored(CLUSTER),
  placement: ignored(CLUSTER),
  endpoint_mode: ignored(CLUSTER),
  'resources.reservations.cpus': ignored(CLUSTER),
  'resources.reservations.generic_resources': ignored(CLUSTER),
  'resources.reservations.devices': ignored(NO_DEVICES),
  'restart_policy.delay': ignored('the engine chooses the pause before a restart'),
  'restart_policy.window': ignored('the engine decides when a start has succeeded'),
};

const BUILD: Readonly<Record<string, Limit>> = {
  ssh: refused(BUILDKIT),
  secrets: refused(BUILDKIT),
  additional_contexts: refused(BUILDKIT),
  entitlements: refused(BUILDKIT),
  privileged: refused(BUILDKIT),
  cache_to: ignored(BUILDKIT),
  no_cache_filter: ignored(BUILDKIT),
  provenance: ignored(BUILDKIT, { harmless: ['false'] }),
  sbom: ignored(BUILDKIT, { harmless: ['false'] }),
  isolation: ignored(WINDOWS, { harmless: ['default'] }),
};

const SERVICE: Readonly<Record<string, Limit>> = {
  'blkio_config.weight_device': ignored(NO_WEIGHTS),
  cpu_count: ignored(WINDOWS),
  cpu_percent: ignored(WINDOWS),
  cpu_rt_period: ignored(NO_REALTIME),
  cpu_rt_runtime: ignored(NO_REALTIME),
  credential_spec: ignored(WINDOWS),
  gpus: ignored(NO_DEVICES),
  isolation: ignored(WINDOWS, { harmless: ['default'] }),
  models: refused(NO_MODELS),
  'networks.*.driver_opts': ignored('the bridge driver has no options of a single container'),
  'networks.*.link_local_ips': ignored("gantry's own engine gives one address of each family"),
  'ports.*.app_protocol': ignored(FOR_READERS),
  'ports.*.name': ignored(FOR_READERS),
  post_start: refused(NO_HOOKS),
  pre_start: refused(NO_HOOKS),
  pre_stop: refused(NO_HOOKS),
  provider: refused('providers are not there yet'),
  pull_refresh_after: ignored('no implementation gives it a meaning; use pull_policy'),
  storage_opt: ignored('layers lie in plain folders, whose size is not limited'),
  use_api_socket: ignored('mount the socket of the engine as a volume'),
  userns_mode: ignored('containers run in the user namespace of the host', { harmless: ['host'] }),
  'volumes.*.bind.selinux': ignored('files are not labelled for SELinux'),
  'volumes.*.consistency': ignored('files of the host are always the same on both sides'),
  'volumes.*.image': refused("gantry's own engine does not mount images yet"),
};

const below = (prefix: string, limits: Readonly<Record<string, Limit>>): Record<string, Limit> =>
  Object.fromEntries(Object.entries(limits).map(([path, limit]) => [`${prefix}.${path}`, limit]));

/** By path; what lies below a path shares its fate. */
export const LIMITS: Readonly<Record<string, Limit>> = {
  version: ignored('it is obsolete', { told: true }),
  ...below('services.*', SERVICE),
  ...below('services.*.build', BUILD),
  ...below('services.*.deploy', DEPLOY),
  'configs.*.external': refused(NO_STORE),
  'configs.*.labels': ignored(NO_OBJECT),
  'configs.*.name': ignored(NO_OBJECT, { filledIn: true }),
  'configs.*.template_driver': ignored(NO_OBJECT),
  models: refused(NO_MODELS),
  'networks.*.ipam.options': ignored('the only driver has no options'),
  'secrets.*.driver': ignored(NO_OBJECT),
  'secrets.*.driver_opts': ignored(NO_OBJECT),
  'secrets.*.external': refused(NO_STORE),
  'secrets.*.labels': ignored(NO_OBJECT),
  'secrets.*.name': ignored(NO_OBJECT, { filledIn: true }),
  'secrets.*.template_driver': ignored(NO_OBJECT),
};

/** The limit of an attribute or of what it is a part of. */
export function limitOf(path: string): Limit | undefined {
  const keys = path.split('.');
  for (let length = keys.length; length > 0; length--) {
    const limit = LIMITS[keys.slice(0, length).join('.')];
    if (limit) return limit;
  }
  return undefined;
}

const NOT_OF_FILES = 'not where the source is a file of this machine, which keeps its own';

/** What is to be known of attributes that are applied, where not everything that may be written works. */
export const NOTES: Readonly<Record<string, string>> = {
  'services.*.annotations': 'kept and shown; nothing in the engine reads them',
  'services.*.blkio_config.weight': 'where the kernel has a scheduler with weights',
  'services.*.configs.*.gid': NOT_OF_FILES,
  'services.*.configs.*.mode': NOT_OF_FILES,
  'services.*.configs.*.uid': NOT_OF_FILES,
  'services.*.deploy.restart_policy.max_attempts': 'counts restarts after failures, also with the condition any',
  'services.*.logging.driver': 'json-file, local and none; others are refused',
  'services.*.mem_swappiness': 'on hosts with cgroup version 1',
  'services.*.oom_kill_disable': 'on hosts with cgroup version 1',
  'services.*.platform': 'that of the machine; others are refused',
  'services.*.runtime': 'runc, which names the engine itself; others are refused',
  'services.*.secrets.*.gid': NOT_OF_FILES,
  'services.*.secrets.*.mode': NOT_OF_FILES,
  'services.*.secrets.*.uid': NOT_OF_FILES,
  'services.*.security_opt': 'AppArmor profiles and SELinux labels mean nothing to the engine',
  'networks.*.attachable': 'kept and shown; only a cluster would need it',
  'networks.*.driver': 'bridge; others are refused',
  'networks.*.enable_ipv4': 'false is refused: each network has IPv4',
  'networks.*.ipam.driver': 'default; others are refused',
  'volumes.*.driver': 'local; others are refused',
};
