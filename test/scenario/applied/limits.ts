// What a container may use of the machine, read from its cgroups.
import { cgroup, inside, outside, shown, subject, type Probe, type Table } from './row.ts';

/** Opening a device that has no driver: ENXIO when the cgroup lets it through, EPERM when not. */
const open = (path: string, how: '<' | '>'): string => `(exec 3${how} ${path}) 2>&1 | sed 's/.*: //'`;

/** Version 2 has no such limits, and some kernels lack others. */
const ABSENT = /^no such file/;

/** A rate of one disk: a line in a file of its own, or a word of a line. */
function throttle(key: string, word: string): Probe {
  const [, rate = ''] = word.split('=');
  const attribute = `blkio_config.device_${key}`;
  const files = [`blkio/blkio.throttle.${key}_device`, 'io.max'] as const;
  return cgroup(`${attribute} ${attribute}.*.path ${attribute}.*.rate`, files, [
    new RegExp(`^\\d+:\\d+ ${rate}$`),
    new RegExp(`^\\d+:\\d+ .*${word}\\b`),
  ]);
}

/** Services and probes. */
export const LIMITS: Table = {
  subjects: [
    subject(
      'small',
      `
mem_limit: 64m
memswap_limit: 96m
mem_reservation: 32m
mem_swappiness: 7
oom_kill_disable: true
pids_limit: 77
cpu_shares: 512
cpu_period: 50000
cpu_quota: 25000
cpuset: "0"
blkio_config: { weight: 300 }
cgroup_parent: \${PARENT}
`,
      [
        cgroup('mem_limit', ['memory/memory.limit_in_bytes', 'memory.max'], '67108864'),
        cgroup(
          'memswap_limit',
          ['memory/memory.memsw.limit_in_bytes', 'memory.swap.max'],
          [/^100663296$|^no such file/, /^33554432$|^no such file/],
        ),
        cgroup('mem_reservation', ['memory/memory.soft_limit_in_bytes', 'memory.low'], '33554432'),
        cgroup('mem_swappiness', ['memory/memory.swappiness', ''], ['7', ABSENT]),
        cgroup('oom_kill_disable', ['memory/memory.oom_control', ''], [/oom_kill_disable 1/, ABSENT]),
        cgroup('pids_limit', ['pids/pids.max', 'pids.max'], '77'),
        cgroup('cpu_shares', ['cpu/cpu.shares', 'cpu.weight'], ['512', '59']),
        cgroup('cpu_period', ['cpu/cpu.cfs_period_us', 'cpu.max'], ['50000', '25000 50000']),
        cgroup('cpu_quota', ['cpu/cpu.cfs_quota_us', 'cpu.max'], ['25000', '25000 50000']),
        cgroup('cpuset', ['cpuset/cpuset.cpus', 'cpuset.cpus'], '0'),
        inside('cpuset', 'grep Cpus_allowed_list /proc/1/status | cut -f2', '0'),
        cgroup(
          'blkio_config blkio_config.weight',
          ['blkio/blkio.bfq.weight', 'io.bfq.weight'],
          /^(default )?300$|^no such file/,
        ),
        outside('cgroup_parent', 'grep -c "/$PARENT/" /proc/$PID/cgroup | sed s/[1-9].*/below/', 'below'),
      ],
    ),
    subject(
      'throttled',
      `
blkio_config:
  device_read_bps: [{ path: "\${FOLDER}/disk", rate: 1mb }]
  device_write_bps: [{ path: "\${FOLDER}/disk", rate: 2mb }]
  device_read_iops: [{ path: "\${FOLDER}/disk", rate: 300 }]
  device_write_iops: [{ path: "\${FOLDER}/disk", rate: 400 }]
`,
      [
        throttle('read_bps', 'rbps=1048576'),
        throttle('write_bps', 'wbps=2097152'),
        throttle('read_iops', 'riops=300'),
        throttle('write_iops', 'wiops=400'),
      ],
    ),
    subject('half', 'cpus: 0.5', [cgroup('cpus', ['cpu/cpu.cfs_quota_us', 'cpu.max'], ['50000', '50000 100000'])]),
    subject(
      'deployed',
      `
deploy:
  replicas: 2
  restart_policy: { condition: on-failure, max_attempts: 3 }
  resources:
    limits: { cpus: "0.25", memory: 48m, pids: 33 }
    reservations: { memory: 24m }
`,
      [
        cgroup('deploy.resources.limits.cpus', ['cpu/cpu.cfs_quota_us', 'cpu.max'], ['25000', '25000 100000']),
        cgroup('deploy.resources.limits.memory', ['memory/memory.limit_in_bytes', 'memory.max'], '50331648'),
        cgroup('deploy.resources.limits.pids', ['pids/pids.max', 'pids.max'], '33'),
        cgroup('deploy.resources.reservations.memory', ['memory/memory.soft_limit_in_bytes', 'memory.low'], '25165824'),
        outside('deploy.replicas', 'test "$PID_deployed_2" -gt 1 && echo two$PID_deployed_3', 'two'),
      ],
    ),
    subject('twice', 'scale: 2', [outside('scale', 'test "$PID_twice_2" -gt 1 && echo two$PID_twice_3', 'two')]),
    subject(
      'retried',
      'command: sh -c "exit 3"\ndeploy: { restart_policy: { condition: on-failure, max_attempts: 2 } }',
      [shown('deploy.restart_policy.condition deploy.restart_policy.max_attempts', 'RestartCount', '2')],
    ),
    subject(
      'restarted',
      'command: sh -c "test -e /once || { touch /once; exit 0; }; exec sleep 100000"\nrestart: always',
      [shown('restart', 'RestartCount', '1')],
    ),
    subject('counted', 'command: sh -c "exit 3"\ndeploy: { restart_policy: { max_attempts: 2 } }', [
      shown('deploy.restart_policy.max_attempts', 'RestartCount', '2'),
    ]),
    subject('ended', 'command: sh -c "exit 3"\nrestart: "no"', [shown('restart', 'State.Status', '"exited"')]),
    subject('failing', 'command: sh -c "exit 3"\nrestart: "on-failure:1"', [shown('restart', 'RestartCount', '1')]),
    subject(
      'devices',
      `
devices:
  - { source: "\${FOLDER}/nodriver", target: /dev/mine, permissions: r }
  - "\${FOLDER}/nodriver:/dev/all"
device_cgroup_rules: ["c 241:* r"]
`,
      [
        inside('devices devices.*.source devices.*.target', 'stat -c %t:%T /dev/mine /dev/all', 'f0:7\nf0:7'),
        inside('device_cgroup_rules', `mknod /ruled c 241 9; ${open('/ruled', '<')}`, 'No such device or address'),
        inside('device_cgroup_rules', `mknod /other c 242 9; ${open('/other', '<')}`, 'Operation not permitted'),
      ],
    ),
    subject('folder', 'devices: ["${FOLDER}/devices:/dev/folder"]', [
      inside('devices', 'stat -c %t:%T /dev/folder/one', 'f0:8'),
    ]),
    subject('reader', 'devices: [{ source: "${FOLDER}/nodriver", target: /dev/mine, permissions: r }]', [
      inside('devices.*.permissions', open('/dev/mine', '<'), 'No such device or address'),
      inside('devices.*.permissions', open('/dev/mine', '>'), 'Operation not permitted'),
    ]),
  ],
};
