// The one table of everything that crosses between the daemon and the C code: launch-plan records, the
// messages on the zygote and shim sockets, and the steps a failure may name. `runtime-native/gen/records.h`
// is generated from it (node .ci/gen-records.ts); numbers are frozen, new rows and fields go at the end.
//
// Encoding (little endian): u32, u64, i32; str = u32 length, bytes, one NUL that is not counted (no NUL inside);
// bytes = u32 length, bytes; strs = u32 count, then each str.
// A plan record is u16 type, u16 zero, u32 body length, body. A message is u32 length of what follows (≤ 1 MiB),
// u16 type, u16 zero, u32 request id (a reply carries its request's id, an event 0), body.

/** Field encodings. */
export type FieldType = 'u32' | 'i32' | 'u64' | 'str' | 'bytes' | 'strs';

/** A row: its frozen number and its fields in wire order. */
export interface RecordRow {
  readonly type: number;
  readonly fields: Readonly<Record<string, FieldType>>;
}

const row = <F extends Readonly<Record<string, FieldType>>>(type: number, fields: F): { type: number; fields: F } => ({
  type,
  fields,
});

/** Version of plan and messages; a shim of another major version is only ever run down. */
export const WIRE_VERSION = 1;
/** Largest message or plan in bytes. */
export const MAX_MESSAGE = 1024 * 1024;

/** Records of a launch plan (container) or exec plan (process, caps, seccomp, rlimit only). */
export const PLAN = {
  container: row(1, { id: 'str' }),
  // flags: PROCESS_FLAGS. user is Docker's `user[:group]`, looked up inside the rootfs; argv[0] is searched in PATH of env there.
  process: row(2, {
    argv: 'strs',
    env: 'strs',
    cwd: 'str',
    user: 'str',
    groups: 'strs',
    flags: 'u32',
    umask: 'u32',
    oomScoreAdj: 'i32',
    rows: 'u32',
    cols: 'u32',
  }),
  rlimit: row(3, { resource: 'u32', soft: 'u64', hard: 'u64' }),
  caps: row(4, { bounding: 'u64', effective: 'u64', permitted: 'u64' }), // inheritable and ambient are always empty
  seccomp: row(5, { program: 'bytes' }), // struct sock_filter[]; absent = unconfined
  namespaces: row(6, { create: 'u32' }), // CLONE_NEW* mask
  join: row(7, { type: 'u32', path: 'str' }), // CLONE_NEW* kind and /proc/PID/ns/… of the one to join
  hostname: row(8, { host: 'str', domain: 'str' }),
  layer: row(9, { path: 'str' }), // read-only image layers, topmost first
  overlay: row(10, { upper: 'str', work: 'str', readonly: 'u32' }),
  // fstype "" = bind of source (file or folder). attr: MOUNT_ATTR_*. options: comma list for fsconfig. propagation: MS_* or 0 (private).
  mount: row(11, {
    source: 'str',
    target: 'str',
    fstype: 'str',
    attr: 'u64',
    options: 'str',
    propagation: 'u32',
    flags: 'u32',
  }),
  mask: row(12, { path: 'str' }),
  readonlyPath: row(13, { path: 'str' }),
  device: row(14, { path: 'str', kind: 'u32', major: 'u32', minor: 'u32', mode: 'u32', uid: 'u32', gid: 'u32' }), // kind: 'c' or 'b' as a byte
  symlink: row(15, { target: 'str', path: 'str' }),
  sysctl: row(16, { key: 'str', value: 'str' }), // net.ipv4.x, with dots
  // One per hierarchy, in attach order. dir is absolute; the shim makes the leaf, attaches init to it and removes it at the end.
  cgroup: row(17, { dir: 'str' }),
  cgroupFile: row(18, { dir: 'str', file: 'str', value: 'str', optional: 'u32' }), // written in order before attaching; optional: ENOENT is fine
  cgroupDevices: row(19, { dir: 'str', program: 'bytes' }), // v2 only: BPF_PROG_TYPE_CGROUP_DEVICE instructions
  oomWatch: row(20, { dir: 'str', version: 'u32' }), // memory cgroup and 1 or 2
  // One interface. addresses with prefix length ("172.18.0.2/16"), "" = none; gateways "" = no default route by this endpoint.
  endpoint: row(21, {
    ifname: 'str',
    hostIf: 'str',
    bridge: 'str',
    group: 'u32',
    mac: 'bytes',
    mtu: 'u32',
    address: 'str',
    gateway: 'str',
    address6: 'str',
    gateway6: 'str',
    flags: 'u32',
  }),
  // The resolver at 127.0.0.11. links: file of names for this container alone ("" = none). flags: DNS_FLAGS.
  dns: row(22, { links: 'str', tables: 'strs', flags: 'u32' }),
  dnsUpstream: row(23, { address: 'str', fromContainer: 'u32' }), // asked on port 53, from the host's or the container's namespace
  // A published port: reserves hostIp:hostPort; with PROXY also answers (IPv6 only: IPv4 is the kernel's DNAT). proto: IPPROTO_TCP or _UDP.
  listen: row(24, { hostIp: 'str', hostPort: 'u32', proto: 'u32', targetIp: 'str', targetPort: 'u32', flags: 'u32' }),
  log: row(25, { path: 'str', maxSize: 'u64', maxFiles: 'u32' }), // json-file; absent = no log. maxSize 0 = no rotation
} as const satisfies Record<string, RecordRow>;

/** Operations the zygote runs in a helper for the daemon, in order, in the engine's network namespace. */
export const NET_OPS = {
  bridgeAdd: row(1, { name: 'str', mac: 'bytes', mtu: 'u32', group: 'u32', address: 'str', address6: 'str' }), // made, addressed and up
  groupDel: row(2, { group: 'u32' }), // removes every link of the group in one transaction and waits until they are gone
  linkDel: row(3, { name: 'str' }), // absent is fine
  conntrackDel: row(4, { proto: 'u32', address: 'str', port: 'u32' }), // entries to a published port ("" = any address) or, port 0, of a container address
  // A table of our own in nf_tables that drops what comes for or from 127/8 and not by lo: stands before route_localnet is set
  guardAdd: row(5, { table: 'str' }), // made anew in one transaction
  guardDel: row(6, { table: 'str' }), // absent is fine
  // of chain FORWARD in iptables' table filter, for its backend nft; family 4 or 6. Both must be there
  forwardPolicy: row(7, { family: 'u32', accept: 'u32' }),
} as const satisfies Record<string, RecordRow>;

/** Messages. Requests to the zygote 1–19, to a shim 20–49, replies 64–, events 96–. */
export const MESSAGES = {
  // both: first message of a connection
  hello: row(1, { version: 'u32' }),
  // zygote: forks a shim with this plan. dir = <run>/c/<id12>, made by the zygote (0700) with the listening sockets `ctl` and `attach` in it
  launch: row(2, { dir: 'str', plan: 'bytes' }), // → launched | failed
  net: row(3, { ops: 'bytes' }), // → ok | failed
  rulesWatch: row(4, {}), // → ok when anybody changes nftables rules after it was asked; failed where the kernel does not tell
  // shim
  go: row(20, {}), // execve of the prepared process → ok | failed (step exec)
  signal: row(21, { signal: 'u32', exec: 'str' }), // exec "" = pid 1 of the container → ok | failed
  resize: row(22, { exec: 'str', rows: 'u32', cols: 'u32' }),
  execPrepare: row(23, { exec: 'str', plan: 'bytes' }), // makes <dir>/x-<exec> (attach protocol) and a stopped process → ok | failed
  execGo: row(24, { exec: 'str' }), // → started | failed
  endpointAdd: row(25, { plan: 'bytes' }), // endpoint records
  endpointDel: row(26, { ifname: 'str' }),
  abort: row(27, {}), // gives up a prepared or running container: kills it, then as after an exit → ok
  dismiss: row(28, {}), // after the exit: the shim removes its cgroups and ends → ok, then EOF. The folder is the daemon's to remove
  // replies
  ok: row(64, {}),
  failed: row(65, { step: 'u32', errno: 'u32', path: 'str' }),
  launched: row(66, { pid: 'u32' }), // host pid of the shim
  // the shim's answer to hello, sent when prepare has ended. phase: PHASES. times: ns since the epoch, 0 = not yet
  state: row(67, {
    version: 'u32',
    phase: 'u32',
    pid: 'u32',
    startedNs: 'u64',
    finishedNs: 'u64',
    status: 'u32',
    oom: 'u32',
    step: 'u32',
    errno: 'u32',
    path: 'str',
  }),
  started: row(68, { pid: 'u32' }),
  // events, to every ctl connection that said hello
  exited: row(96, { status: 'u32', oom: 'u32', finishedNs: 'u64' }), // sent after the last byte went to log and attached clients
  oomKill: row(97, {}),
  execExited: row(98, { exec: 'str', status: 'u32' }),
} as const satisfies Record<string, RecordRow>;

/** Phases of a shim, in `state`. */
export const PHASES = { failed: 0, prepared: 1, running: 2, exited: 3 } as const;

/** Bits of process.flags. init: a reaping, forwarding pid 1 of the shim's own stands before the process. */
export const PROCESS_FLAGS = { tty: 1, stdin: 2, stdinOnce: 4, noNewPrivileges: 8, init: 16 } as const;

/** Bits of mount.flags. copyUp: an empty source folder is filled with what the image has at target. */
export const MOUNT_FLAGS = { recursive: 1, createDir: 2, createFile: 4, readonlyRecursive: 8, copyUp: 16 } as const;

/** Bits of dns.flags. internal: never forwards. ndots: the user set ndots, so undotted names are not forwarded. */
export const DNS_FLAGS = { internal: 1, ndots: 2 } as const;

/** Bits of listen.flags. proxy: accept on the IPv6 host address and forward to the target. */
export const LISTEN_FLAGS = { proxy: 1 } as const;

/** Bits of endpoint.flags. isolated: no frames to or from other isolated ports of the bridge (a network without icc). */
export const ENDPOINT_FLAGS = { isolated: 1 } as const;

/** First 8 bytes a client sends on an attach socket: 'G', 'A', u16 flags (this), u32 zero. The shim answers with a u64,
 * the number of log bytes written so far, then sends Docker frames (raw bytes with a tty); what the client sends is stdin.
 * `unfinished`: first comes what was written before and is not in the log yet, since its line has no end. */
export const ATTACH_FLAGS = { stdin: 1, stdout: 2, stderr: 4, unfinished: 8 } as const;

/** What was being done when something failed; wording is errors.ts's. The order is frozen. */
export const STEPS = [
  'internal',
  'plan',
  'clone',
  'join',
  'cgroup',
  'overlay',
  'mount',
  'mask',
  'pivot',
  'hostname',
  'sysctl',
  'device',
  'user',
  'workdir',
  'caps',
  'seccomp',
  'rlimit',
  'exec',
  'link',
  'address',
  'route',
  'listen',
  'dns',
  'nat',
  'stdio',
  'tty',
  'log',
  'copyUp',
  'socket',
  'noSuchExec',
  'bridge',
  'conntrack',
  'state',
] as const;

/** One of the steps. */
export type Step = (typeof STEPS)[number];
