// What the process of a container is: its words, user, folder, variables, limits and rights.
import { inside, logged, outside, shown, subject, type Table } from './row.ts';

const status = (key: string): string => `grep -E '^${key}:' /proc/1/status | tr -s '\\t ' ' '`;
const variable = (name: string): string => `tr '\\0' '\\n' </proc/1/environ | grep '^${name}='`;

/** Services and probes. */
export const PROCESS: Table = {
  files: {
    'plain.env': 'FROM_FILE=${OUTSIDE}-expanded\n',
    'raw.env': 'RAW=${OUTSIDE}-as-it-is\n',
    'no-mkdir.json': JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
    }),
    'labels.txt': 'of.file=from the file\n',
  },
  subjects: [
    subject(
      'basic',
      `
hostname: box
domainname: example.test
user: "1000:29"
group_add: [video, "4242"]
working_dir: /home/app
environment: { GIVEN: one, OUTSIDE: }
env_file: [{ path: plain.env }, { path: missing.env, required: false }, { path: raw.env, format: raw }]
entrypoint: ["/bin/sh", "-c"]
command: ["sleep 100000; echo $$0", "zero"]
oom_score_adj: 500
container_name: by-its-own-name
labels: { own: label }
label_file: labels.txt
annotations: { note: for the engine }
expose: ["7000-7001", "53/udp"]
runtime: runc
`,
      [
        inside('hostname', 'hostname; cat /etc/hostname', 'box\nbox'),
        inside('domainname', 'cat /proc/sys/kernel/domainname; hostname -f', 'example.test\nbox.example.test'),
        inside('user', status('Uid|Gid'), 'Uid: 1000 1000 1000 1000\nGid: 29 29 29 29'),
        inside('group_add', status('Groups'), /^Groups: (?=.*\b44\b)(?=.*\b4242\b)/),
        inside('working_dir', 'readlink /proc/1/cwd', '/home/app'),
        inside('environment', `${variable('GIVEN')}; ${variable('OUTSIDE')}`, 'GIVEN=one\nOUTSIDE=from-outside'),
        inside('env_file env_file.*.path', variable('FROM_FILE'), 'FROM_FILE=from-outside-expanded'),
        inside('env_file.*.required', 'echo runs', 'runs'),
        inside('env_file.*.format', variable('RAW'), 'RAW=${OUTSIDE}-as-it-is'),
        inside('entrypoint command', "tr '\\0' '|' </proc/1/cmdline", '/bin/sh|-c|sleep 100000; echo $0|zero|'),
        inside('oom_score_adj', 'cat /proc/1/oom_score_adj', '500'),
        shown('container_name', 'Name', '"/by-its-own-name"'),
        shown('labels', 'Config.Labels.own', '"label"'),
        shown('label_file', 'Config.Labels.of\\.file', '"from the file"'),
        shown('annotations', 'HostConfig.Annotations', '{"note":"for the engine"}'),
        shown('expose', 'Config.ExposedPorts', '{"7000/tcp":{},"7001/tcp":{},"53/udp":{}}'),
        shown('runtime', 'HostConfig.Runtime', '"runc"'),
      ],
    ),
    subject('rights', 'cap_add: [SYS_PTRACE]\ncap_drop: [MKNOD]\nsecurity_opt: ["no-new-privileges:true"]', [
      inside('cap_add cap_drop', status('CapBnd|CapEff'), 'CapEff: 00000000a00c25fb\nCapBnd: 00000000a00c25fb'),
      inside('security_opt', status('NoNewPrivs|Seccomp'), 'NoNewPrivs: 1\nSeccomp: 2'),
    ]),
    subject('unconfined', 'security_opt: ["seccomp=unconfined"]\ncap_add: [ALL]', [
      inside('security_opt', status('Seccomp'), 'Seccomp: 0'),
      inside('cap_add', 'mkdir /m && mount -t tmpfs mine /m && df /m | tail -1 | cut -c1-4', 'mine'),
    ]),
    subject('profiled', 'security_opt: ["seccomp=./no-mkdir.json"]', [
      inside('security_opt', 'mkdir /m 2>&1; touch /n && echo made', /^mkdir: .*Operation not permitted\nmade$/),
    ]),
    subject('open', 'security_opt: ["systempaths=unconfined"]', [
      inside('security_opt', "grep -c ' /proc/' /proc/1/mountinfo", '0'),
    ]),
    subject('someone', 'user: app', [inside('user', `id -un; ${status('Groups')}`, /^app\nGroups: 29 44 1000\b/)]),
    subject('mighty', 'privileged: true', [
      inside(
        'privileged',
        'mkdir /m && mount -t tmpfs mine /m && echo mounted; test -e /dev/kmsg && echo devices',
        'mounted\ndevices',
      ),
    ]),
    subject('init', 'init: true', [inside('init', 'cat /proc/1/comm; cat /proc/2/comm', 'gantry-shim\nsleep')]),
    subject('terminal', 'tty: true', [inside('tty', 'readlink /proc/1/fd/1', /^\/dev\/(console|pts\/0)$/)]),
    subject('listens', 'stdin_open: true\ncommand: cat', [
      inside('stdin_open', 'cat /proc/1/comm; readlink /proc/1/fd/0', /^cat\n(pipe|socket):/),
    ]),
    subject('limited', 'ulimits: { nofile: { soft: 1000, hard: 2000 }, nproc: 500 }', [
      inside(
        'ulimits ulimits.*.soft ulimits.*.hard',
        "grep -E 'open files|processes' /proc/1/limits | tr -s ' '",
        'Max processes 500 500 processes \nMax open files 1000 2000 files ',
      ),
    ]),
    subject(
      'tuned',
      'sysctls: { net.core.somaxconn: 1234, kernel.shm_rmid_forced: "1" }\nshm_size: 8m\nread_only: true\ntmpfs: ["/scratch:size=1m,mode=1700"]',
      [
        inside('sysctls', 'cat /proc/sys/net/core/somaxconn /proc/sys/kernel/shm_rmid_forced', '1234\n1'),
        inside('shm_size', 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2', '8192'),
        inside('read_only', 'touch /file 2>&1', /Read-only file system/),
        inside(
          'tmpfs',
          'df -k /scratch | tail -1 | tr -s " " | cut -d" " -f1,2; stat -c %a /scratch',
          'tmpfs 1024\n1700',
        ),
      ],
    ),
    subject('shares', 'ipc: shareable', []),
    subject('joins', 'ipc: "service:shares"\npid: "service:basic"\nnetwork_mode: "service:basic"', [
      outside('ipc', 'same ipc $PID_shares', 'same'),
      outside('pid', 'same pid $PID_basic', 'same'),
      outside('network_mode', 'same net $PID_basic', 'same'),
    ]),
    subject(
      'guest',
      'ipc: "container:applied-friend"\npid: "container:applied-friend"\nnetwork_mode: "container:applied-friend"',
      [
        outside(
          'ipc pid network_mode',
          'same ipc $PID_friend; same pid $PID_friend; same net $PID_friend',
          'same\nsame\nsame',
        ),
      ],
    ),
    subject('hosts', 'ipc: host\npid: host\nuts: host\ncgroup: host', [
      outside('ipc', 'same ipc self', 'same'),
      outside('pid', 'same pid self', 'same'),
      outside('uts', 'same uts self', 'same'),
      outside('cgroup', 'same cgroup self', 'same'),
    ]),
    subject('own', 'cgroup: private', [
      outside('cgroup', 'same cgroup self', 'other'),
      outside('ipc pid uts', 'same ipc self; same pid self; same uts self', 'other\nother\nother'),
    ]),
    subject('quiet', 'logging: { driver: none }\ncommand: sh -c "echo said; exec sleep 100000"', [
      logged('logging logging.driver', /does not support reading/),
    ]),
    subject(
      'chatty',
      'logging: { driver: json-file, options: { max-size: 20k, max-file: "2" } }\ncommand: sh -c "seq 10000; exec sleep 100000"',
      // both files together hold a few hundred lines, and the last one
      [logged('logging.options', /^(?!.*\b5000\b).*\b10000$/s)],
    ),
  ],
};
