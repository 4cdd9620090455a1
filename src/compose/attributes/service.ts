// The attributes of a service. The order is the order of printing.
import { command, probe } from '../canonical/command.ts';
import { filledStrings, nullsToEmpty, stringOrList } from '../canonical/lists.ts';
import { ports } from '../canonical/ports.ts';
import { dependsOn, device, deviceCount, envFiles, gpus, listOfOne, under } from '../canonical/services.ts';
import { volumeMount } from '../canonical/volumes.ts';
import { build, references } from './build.ts';
import { deploy } from './deploy.ts';
import {
  deviceRequest,
  driverOptions,
  ELEMENT_NAME,
  hosts,
  keyValue,
  keyValueOnce,
  labels,
  named,
  strings,
  ulimits,
} from './parts.ts';
import {
  anyScalar,
  boolean,
  bytes,
  dict,
  duration,
  integer,
  kept,
  list,
  mode,
  nothing,
  number,
  object,
  string,
} from './shape.ts';
import {
  part,
  stringOrInteger,
  union,
  unique,
  wholeBytes,
  wholeNumber,
  word,
  type ObjectShape,
  type Shape,
} from './shape.ts';

const commandShape = (): Shape => kept(union([nothing(), string(), list(string())], command));
const throttle = (): Shape =>
  list(object({ path: kept(string()), rate: kept(wholeBytes()) }, { extensions: false, print: 'capitals' }));
const hookFields = {
  command: commandShape(),
  user: string(),
  privileged: boolean(),
  working_dir: string(),
  environment: keyValueOnce(),
};
const hook = (): ObjectShape => object(hookFields);
const PULL_POLICY = {
  regex: /always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+/,
  sample: 'always, never, missing, build, daily, weekly or every_DURATION',
};
const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'] as const;
const WATCH_ACTIONS = ['rebuild', 'sync', 'restart', 'sync+restart', 'sync+exec'] as const;

/** Options of a log driver may not be booleans. */
const LOG_OPTION = { accepts: ['string', 'integer', 'float', 'timestamp', 'null'] } as const;

const WATCH = object(
  {
    path: string(),
    action: word(...WATCH_ACTIONS),
    target: string(),
    exec: part(hook()),
    include: strings(),
    ignore: union([string(), list(string())], stringOrList),
    initial_sync: boolean(),
  },
  { required: ['path', 'action'] },
);

const ENDPOINT = object({
  priority: wholeNumber({ accepts: ['integer', 'float'] }),
  gw_priority: wholeNumber({ accepts: ['integer', 'float'] }),
  aliases: unique(string()),
  interface_name: string(),
  ipv4_address: string(),
  ipv6_address: string(),
  link_local_ips: unique(string()),
  mac_address: string(),
  driver_opts: driverOptions(),
});

const DEPENDENCY = object(
  { condition: word(...CONDITIONS), restart: boolean(), required: kept(boolean()) },
  { required: ['condition'] },
);

const PORT = object({
  name: string(),
  mode: string(),
  host_ip: string(),
  target: integer({ min: 0 }),
  published: stringOrInteger(),
  protocol: string(),
  app_protocol: string(),
});

const VOLUME = object(
  {
    type: string(),
    source: string(),
    target: string(),
    read_only: boolean(),
    consistency: string(),
    bind: object({
      selinux: word('z', 'Z'),
      propagation: string(),
      create_host_path: boolean(),
      recursive: word('enabled', 'disabled', 'writable', 'readonly'),
    }),
    volume: object({ labels: labels(), nocopy: boolean(), subpath: string() }),
    tmpfs: object({ size: wholeBytes({ min: 0 }), mode: mode() }),
    image: object({ subpath: string() }),
  },
  { required: ['type'] },
);

const HEALTHCHECK = object({
  test: union([string(), list(string())], probe),
  timeout: kept(duration()),
  interval: kept(duration()),
  retries: kept(wholeNumber({ min: 0 })),
  start_period: kept(duration()),
  start_interval: kept(duration()),
  disable: boolean(),
});

const ENV_FILE = object(
  { path: string(), required: boolean(), format: string() },
  { required: ['path'], extensions: false },
);

/** All attributes of a service. */
export const SERVICE = object({
  profiles: unique(string()),
  annotations: labels(),
  attach: kept(boolean()),
  build: build(),
  develop: union([object({ watch: list(WATCH) }), nothing()]),
  blkio_config: object(
    {
      weight: integer({ min: 0 }),
      weight_device: list(
        object({ path: kept(string()), weight: kept(integer({ min: 0 })) }, { extensions: false, print: 'capitals' }),
      ),
      device_read_bps: throttle(),
      device_read_iops: throttle(),
      device_write_bps: throttle(),
      device_write_iops: throttle(),
    },
    { extensions: false },
  ),
  cap_add: unique(string()),
  cap_drop: unique(string()),
  cgroup_parent: string(),
  cgroup: word('host', 'private'),
  cpu_count: integer({ min: 0 }),
  cpu_percent: number({ accepts: ['integer', 'string'], min: 0, max: 100 }),
  cpu_period: wholeNumber(),
  cpu_quota: wholeNumber(),
  cpu_rt_period: wholeNumber(),
  cpu_rt_runtime: wholeNumber(),
  cpus: number(),
  cpuset: string(),
  cpu_shares: wholeNumber(),
  command: commandShape(),
  configs: references(),
  container_name: string(),
  credential_spec: object({ config: string(), file: string(), registry: string() }),
  depends_on: union([unique(string()), dict(DEPENDENCY, { keys: ELEMENT_NAME })], dependsOn),
  deploy: deploy(),
  device_cgroup_rules: unique(string()),
  devices: list(
    union(
      [string(), object({ source: string(), target: string(), permissions: string() }, { required: ['source'] })],
      device,
    ),
  ),
  dns: union([string(), unique(union([string(), nothing()]))], filledStrings),
  dns_opt: unique(string()),
  dns_search: strings(),
  domainname: string(),
  entrypoint: commandShape(),
  provider: object(
    { type: string(), options: dict(union([anyScalar(), list(anyScalar())], listOfOne)) },
    { required: ['type'] },
  ),
  environment: keyValue(),
  env_file: union(
    [
      string(),
      list({
        ...union([string(), ENV_FILE]),
        print: 'env-file',
      }),
    ],
    envFiles,
  ),
  expose: unique(stringOrInteger()),
  extends: union(
    [string(), object({ file: string(), service: string() }, { required: ['service'] })],
    under('service'),
  ),
  external_links: unique(string()),
  extra_hosts: hosts(),
  group_add: unique(stringOrInteger()),
  gpus: union([word('all'), list(deviceRequest({ ...integer(), canon: deviceCount }))], gpus),
  hostname: string(),
  healthcheck: HEALTHCHECK,
  image: string(),
  init: kept(boolean()),
  ipc: string(),
  isolation: string(),
  labels: labels(),
  label_file: union([string(), list(string())], stringOrList),
  links: unique(string()),
  logging: object({ driver: string(), options: dict(anyScalar(LOG_OPTION), { canon: nullsToEmpty }) }),
  mem_limit: bytes(),
  mem_reservation: wholeBytes(),
  memswap_limit: bytes(),
  mem_swappiness: wholeBytes(),
  mac_address: string(),
  models: named(union([object({ endpoint_var: string(), model_var: string() }), nothing()])),
  network_mode: string(),
  networks: named(union([ENDPOINT, nothing()])),
  oom_kill_disable: boolean(),
  oom_score_adj: integer({ min: -1000, max: 1000 }),
  pid: union([string(), nothing()]),
  pids_limit: wholeNumber(),
  platform: string(),
  ports: list(union([stringOrInteger(), PORT]), { unique: true, canon: ports }),
  privileged: boolean(),
  pull_policy: string({ pattern: PULL_POLICY }),
  pull_refresh_after: string(),
  read_only: boolean(),
  restart: string(),
  runtime: string(),
  scale: kept(integer()),
  secrets: references(),
  security_opt: unique(string()),
  shm_size: bytes(),
  stdin_open: boolean(),
  stop_grace_period: kept(duration()),
  stop_signal: string(),
  storage_opt: dict(anyScalar({ accepts: ['string', 'integer', 'null'] }), { canon: nullsToEmpty }),
  sysctls: labels(),
  tmpfs: strings(),
  tty: boolean(),
  ulimits: ulimits(),
  use_api_socket: boolean(),
  user: string(),
  userns_mode: string(),
  uts: string(),
  volumes: list(union([string(), VOLUME], volumeMount), { unique: true }),
  volumes_from: unique(string()),
  working_dir: string(),
  pre_start: list(object({ ...hookFields, image: string(), per_replica: boolean() })),
  post_start: list(hook()),
  pre_stop: list(hook()),
});
