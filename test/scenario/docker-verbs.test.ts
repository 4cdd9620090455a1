// The command lines that people learn first, typed one after the other against one engine. Each row is a line for the
// shell, in which `docker` is `gantry docker`, and what it prints and gives.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessResult } from '../../src/base/process.ts';
import { runChecked } from '../../src/base/process.ts';
import { requireTool } from '../support/require.ts';
import { busyboxRootfs } from '../support/rootfs.ts';
import { GANTRY, Stage } from '../support/stage.ts';

const script = requireTool('script', 'Debian: bsdutils');

const ID = /^[0-9a-f]{64}\n$/;

/** A line, its stdout, and where they are not 0 and empty its exit code and stderr. */
type Row = readonly [line: string, stdout: string | RegExp, status?: number, stderr?: string | RegExp];

const FIRST: readonly Row[] = [
  ['cat rootfs.tar.gz | docker import - ubuntu:14.04', /^sha256:[0-9a-f]{64}\n$/],
  ['docker import -c \'CMD ["sh"]\' rootfs.tar.gz busybox', /^sha256:[0-9a-f]{64}\n$/],
  ['for name in fedora centos; do docker tag busybox $name; done', ''],
  [
    'docker images --format "{{.Repository}}:{{.Tag}}" | sort',
    'busybox:latest\ncentos:latest\nfedora:latest\nubuntu:14.04\n',
  ],
  ['docker images | head -n 1', /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n$/],
  ['docker run fedora /bin/echo hello world', 'hello world\n'],
  ['docker run busybox', ''],
  ['docker run --name said busybox echo "hello from busybox"', 'hello from busybox\n'],
  ['docker ps', 'CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n'],
  [
    'docker ps -a --format "{{.Image}} {{.Command}}"',
    'busybox "echo \'hello from bu…"\nbusybox "sh"\nfedora "/bin/echo hello wor…"\n',
  ],
  [
    'docker ps -a -f name=said | tail -n 1',
    /^[0-9a-f]{12} {3}busybox {3}"echo 'hello from bu…" .* ago {3}Exited \(0\) .* ago .* said\n$/,
  ],
  ['docker ps -l -q --no-trunc', ID],
  ['docker ps -n 2 -q | wc -l', '2\n'],
  ['docker logs said', 'hello from busybox\n'],
  ['docker start -a said', 'hello from busybox\n'],
  ['docker logs --tail 1 said', 'hello from busybox\n'],
  ['docker rm said', 'said\n'],
  ['docker rm said', '', 1, /Error response from daemon: No such container: said\n/],
  ['docker rm -f said', '', 0, /No such container: said/],
  ['docker rm $(docker ps -aq) | wc -l', '2\n'],
  ['docker run -d --name top busybox top -b', ID],
  ['docker ps --format "table {{.Names}}\\t{{.Status}}"', /^NAMES {5}STATUS\ntop {7}Up .*\n$/],
  ['until docker logs top | grep -q PID; do :; done', ''],
  ['docker top top | head -n 1', /^UID +PID +PPID +C +STIME +TTY +TIME +CMD\n$/],
  ['docker exec top cat /proc/1/cmdline | tr "\\0" " "', 'top -b '],
  ['docker exec -it top true </dev/null', '', 1, /the input device is not a TTY/],
  ['echo in | docker exec -i top cat', 'in\n'],
  ['docker exec -i top cat </dev/null', ''],
  ['docker exec -d top touch /made && until docker exec top ls /made; do :; done 2>/dev/null', '/made\n'],
  ["docker exec -e A=1 -w /tmp -u app top sh -c 'echo $A $PWD $(id -un)'", '1 /tmp app\n'],
  ['docker exec top sh -c "exit 9"', '', 9],
  ['docker exec top nope', /exec: "nope": executable file not found in \$PATH/, 127],
  ['docker exec top /bin/sh/x', /stat \/bin\/sh\/x: not a directory/, 127],
  ['docker pause top && docker inspect -f {{.State.Status}} top && docker unpause top', 'top\npaused\ntop\n'],
  ['docker rename top busy && docker rename busy top', ''],
  ['docker update -m 64m --memory-swap 64m top && docker inspect -f {{.HostConfig.Memory}} top', 'top\n67108864\n'],
  ['docker restart -t 0 top', 'top\n'],
  ['docker kill top && docker wait top', 'top\n137\n'],
  ['docker kill top', '', 1, /cannot kill container: top: container [0-9a-f]{64} is not running/],
  ['docker rm -v top', 'top\n'],
  ['ID=$(docker run -d centos /usr/bin/top -b)', ''],
  [
    '(until docker logs $ID | grep -q PID; do :; done; docker stop -t 0 $ID >stopped) & docker attach $ID >shown; wait; cat stopped',
    ID,
  ],
  ['docker start $ID', ID],
  ['docker stop -t 0 $ID nope', ID, 1, /No such container: nope/],
  ['docker commit -m "Added json gem" -a "Kate Smith" $ID emma:v2', /^sha256:[0-9a-f]{64}\n$/],
  ['docker rm $ID', ID],
  ["mkdir ctx && printf 'FROM emma:v2\\nRUN echo built >/built\\nCMD cat /built\\n' >ctx/Dockerfile", ''],
  ['docker build -t="emma:v3" ctx | tail -n 1 && docker run --rm emma:v3', 'Successfully tagged emma:v3\nbuilt\n'],
  [
    'docker build --rm -t eg_sshd - < ctx/Dockerfile && docker run --rm eg_sshd',
    /Step 1\/3 : FROM emma:v2\n[^]*Successfully tagged eg_sshd:latest\nbuilt\n$/,
  ],
  ['docker rmi -f emma:v3 eg_sshd emma:v2 | grep Untagged | sort', /emma:v2\n[^]*emma:v3\n/],
  [
    'docker info | grep -E "^ *(Containers|Images|Storage Driver):"',
    /Containers: \d+\n[^]*Images: \d+\n[^]*Storage Driver: /,
  ],
  [
    `echo '{"results":[{"name":"busybox","description":"A tool box","star_count":7,"is_official":true}]}' >ctx/index &&
      docker run -d --name index -p 5000:80 -v $PWD/ctx/index:/www/v1/search busybox httpd -f -h /www`,
    ID,
  ],
  [
    'until docker search 127.0.0.1:5000/busybox 2>err; do :; done',
    /^NAME +DESCRIPTION +STARS +OFFICIAL\nbusybox +A tool box +7 +\[OK\]\n$/,
  ],
  ['docker rm -f index', 'index\n'],
];

const CODES: readonly Row[] = [
  ['docker run --rm busybox sh -c "exit 3"', '', 3],
  ['docker run --rm busybox nope', '', 127, /exec: "nope": executable file not found in \$PATH/],
  ['docker run --rm busybox /nope', '', 127, /stat \/nope: no such file or directory/],
  ['docker run --rm busybox /etc', '', 126, /"\/etc": is a directory/],
  ['docker run --rm busybox /etc/passwd', '', 126, /"\/etc\/passwd": permission denied/],
  ['docker run --bogus busybox', '', 125, 'gantry: unknown flag: --bogus\nhint: gantry docker run --help lists them\n'],
  ['docker run', '', 1, /"docker run" requires at least 1 argument\./],
  ['docker run --pull never none', '', 125, 'gantry: Error response from daemon: No such image: none:latest\n'],
  ['docker run -m 1m busybox', '', 125, /Minimum memory limit allowed is 6MB/],
  ['docker run -w here busybox', '', 125, /the working directory 'here' is invalid, it needs to be an absolute path/],
  ['docker run --network none,x busybox', '', 125, /network none,x not found/],
  [
    'docker run --gpus all busybox',
    '',
    125,
    'gantry: --gpus cannot be used: GPUs are not supported; pass devices with --device\n',
  ],
  ['docker run --restart always --rm busybox', '', 125, /cannot specify both --restart and --rm/],
  ['docker run -p 80:x busybox', '', 125, /invalid port "80:x": invalid publish opts format/],
  ['docker run -it busybox </dev/null', '', 1, /the input device is not a TTY/],
  ['docker inspect -f "{{.Nope" x', '', 64, /template parsing error: template: :1: unclosed action/],
  ['docker inspect nope', '[]\n', 1, /No such object: nope/],
  // one whose network is not there is made all the same, as with Docker
  ['docker rm $(docker ps -aq) | wc -l', '1\n'],
];

const FLAGS: readonly Row[] = [
  ['docker run --rm -h box busybox hostname', 'box\n'],
  ['docker run --rm busybox sh -c "echo \\$\\$"', '1\n'],
  ['echo piped | docker run --rm -i busybox cat', 'piped\n'],
  ['docker run --rm -a stderr busybox sh -c "echo out; echo err >&2"', '', 0, 'err\n'],
  ["echo X=1 >vars; B=2 docker run --rm --env-file vars -e A=0 -e B busybox sh -c 'echo $A $B $X'", '0 2 1\n'],
  ['docker run --rm -t="false" -e A=b busybox sh -c \'echo $A\'', 'b\n'],
  ['docker run --rm --entrypoint echo busybox a -b --rm', 'a -b --rm\n'],
  ['docker run --rm -u 7:8 --group-add 9 busybox id', 'uid=7 gid=8 groups=8,9\n'],
  ['docker run --rm --tmpfs /t:size=1m busybox df -k /t | tail -n 1', /^tmpfs +1024 +0 +1024 +0% \/t\n$/],
  ['docker run --rm -v $PWD/vars:/v:ro busybox sh -c "cat /v; echo >/v"', 'X=1\n', 1, /Read-only file system/],
  ['docker run --rm --mount type=volume,src=kept,dst=/d busybox sh -c "echo kept >/d/f"', ''],
  [
    'docker run --name data -v kept:/d busybox true && docker run --rm --volumes-from data:ro busybox cat /d/f',
    'kept\n',
  ],
  ['docker run --rm --read-only busybox touch /x', '', 1, /Read-only file system/],
  [
    'docker run --rm --add-host a:1.2.3.4 --dns 9.9.9.9 --dns-search x.org busybox cat /etc/hosts /etc/resolv.conf',
    /1\.2\.3\.4\ta\n[^]*nameserver 9\.9\.9\.9\nsearch x\.org\n/,
  ],
  ['docker run --rm --ulimit nofile=100:200 busybox sh -c "ulimit -n"', '100\n'],
  ['docker run --rm --cap-drop all busybox grep CapEff /proc/self/status', 'CapEff:\t0000000000000000\n'],
  ['docker run --rm --network none busybox ls /sys/class/net', 'lo\n'],
  ['docker run --rm --cidfile cid busybox true && grep -Ec "^[0-9a-f]{64}$" cid', '1\n'],
  ['docker run --rm --cidfile cid busybox true', '', 125, /container ID file found/],
  ['docker run -d -p 8080:80 -p 127.0.0.1:5353:53/udp --name web -l a=b --health-cmd true busybox top', ID],
  ['docker port web', '53/udp -> 127.0.0.1:5353\n80/tcp -> 0.0.0.0:8080\n80/tcp -> [::]:8080\n'],
  ['docker port web 80', '0.0.0.0:8080\n[::]:8080\n'],
  ['docker port web 81', '', 1, "gantry: Error: No public port '81' published for web\n"],
  [
    'docker ps --format "{{.Ports}} {{.Label \\"a\\"}}" -f name=web',
    '127.0.0.1:5353->53/udp, 0.0.0.0:8080->80/tcp, :::8080->80/tcp b\n',
  ],
  [
    "docker inspect -f '{{range $p, $c := .NetworkSettings.Ports}}{{$p}}={{(index $c 0).HostPort}} {{end}}' web",
    '53/udp=5353 80/tcp=8080 \n',
  ],
  ['docker inspect -f "{{json .Config.Labels}} {{.Config.Healthcheck.Test}}" web', '{"a":"b"} [CMD-SHELL true]\n'],
  [
    'docker run --name web busybox',
    '',
    125,
    /The container name "\/web" is already in use by container "[0-9a-f]{64}"/,
  ],
  ['docker run --rm --link web:w busybox grep -c "\\sw " /etc/hosts', '1\n'],
  ['docker rm web', '', 1, /cannot remove container "\/web"/],
  ['docker rm -f web data', 'web\ndata\n'],
  [
    'docker create --name made busybox echo created && docker start -a made && docker rm made',
    /^[0-9a-f]{64}\ncreated\nmade\n$/,
  ],
  ['docker volume rm kept', 'kept\n'],
];

describe.skipIf(script === undefined)('docker verbs', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.create('verbs');
    const { tar } = await busyboxRootfs();
    const make = `cp "$1" rootfs.tar && mkdir -p x/usr/bin x/bin && ln -s /bin/busybox x/usr/bin/top &&
      printf '#!/bin/sh\\nexec sh "$@"\\n' >x/bin/bash && chmod +x x/bin/bash &&
      tar --owner=0 --group=0 -rf rootfs.tar -C x usr/bin/top bin/bash && gzip -1 rootfs.tar`;
    await runChecked('sh', ['-c', make, 'sh', tar], { cwd: stage.folder });
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  /** Runs a line in a shell that keeps $ID from line to line. */
  async function type(line: string): Promise<ProcessResult> {
    const words = `docker() { ${GANTRY} docker "$@"; }; [ ! -e id ] || . ./id\n${line}\n`;
    const text = `${words}status=$?; [ -z "$ID" ] || echo "ID=$ID" >id; exit $status`;
    return await stage.host.run('bash', ['-c', text], { cwd: stage.folder, env: stage.env, input: '' });
  }

  async function check([line, stdout, status = 0, stderr = '']: Row): Promise<void> {
    const got = await type(line);
    const matches = (wanted: string | RegExp): unknown =>
      typeof wanted === 'string' ? wanted : expect.stringMatching(wanted);
    expect(got, line).toMatchObject({ status, stdout: matches(stdout), stderr: matches(stderr) });
  }

  /** On a terminal that is raw from the start: what is typed may come before the command has made it so. */
  async function onTerminal(command: string, input: string): Promise<string> {
    const line = `stty raw -echo rows 30 cols 100; ${GANTRY} docker ${command}; echo code $?`;
    const options = { cwd: stage.folder, env: stage.env, input };
    const { stdout } = await stage.host.run('script', ['-qec', line, '/dev/null'], options);
    return stdout.replaceAll(/\r|\0|\^@/g, '');
  }

  it.each(FIRST)('%s', async (...row) => await check(row as unknown as Row));

  it('run -it gives a terminal of the same size', async () => {
    const shown = await onTerminal('run -it --rm busybox', 'tty; stty size; exit 7\n');
    expect(shown).toMatch(/\/dev\/pts\/\d+\n30 100\n[^]*code 7\n$/);
    expect(await onTerminal('run -t -i --rm ubuntu:14.04 /bin/bash', 'echo $((6 * 7)); exit\n')).toMatch(/\n42\n/);
  });

  it('detach keys leave it running, and attach comes back to it', async () => {
    expect(await onTerminal('run -it --detach-keys ctrl-p,q --name left busybox', 'A=kept\n\u0010q')).toMatch(
      /code 0\n$/,
    );
    expect(await onTerminal('attach left', 'echo $A; exit 4\n')).toMatch(/\nkept\n[^]*code 4\n$/);
    await check(['docker rm left', 'left\n']);
  });

  it('a signal goes to the program', async () => {
    const program = 'trap "echo got; exit 5" INT; echo ready; while :; do sleep 0.05; done';
    const line = `docker run --rm --name sig busybox sh -c '${program}' >out & pid=$!
      until grep -q ready out; do sleep 0.02; done
      kill -INT $(pgrep -P $pid -f "docker run"); wait $pid; code=$?; cat out; exit $code`;
    await check([line, 'ready\ngot\n', 5]);
  });

  it.each(CODES)('%s', async (...row) => await check(row as unknown as Row));
  it.each(FLAGS)('%s', async (...row) => await check(row as unknown as Row));

  it('inside are a pid 1, eth0 with the subnet of the bridge, hosts and a name of its own; outside a bridge and a veth', async () => {
    await check(['docker run -d --name in busybox sleep 1000', ID]);
    const inside = (await type('docker exec in sh -c "ip -4 -o addr show eth0; ip route; cat /proc/1/cmdline"')).stdout;
    const found = await type(
      "docker inspect -f '{{.Config.Hostname}} {{.NetworkSettings.IPAddress}} {{.NetworkSettings.Gateway}}' in",
    );
    const [hostname = '', address = '', gateway = ''] = found.stdout.trim().split(' ');
    expect(inside).toContain(`inet ${address}/16 `);
    expect(inside).toContain(`default via ${gateway} dev eth0`);
    expect(inside).toContain('sleep\u00001000\u0000');
    await check(['docker exec in hostname', `${hostname}\n`]);
    await check([
      'docker exec in cat /etc/hosts',
      '127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\n' +
        `ff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n${address}\t${hostname}\n`,
    ]);
    const links = (await stage.host.run('ip', ['-o', 'link', 'show', 'type', 'veth'])).stdout;
    const bridge = /master (\S+)/.exec(links)?.[1] ?? '';
    expect((await stage.host.run('ip', ['-4', '-o', 'addr', 'show', bridge])).stdout).toContain(`inet ${gateway}/16 `);
    await check(['docker rm -f in', 'in\n']);
  });

  it('memory and CPU limits bite, and running out of memory is told', async () => {
    const eat = 'x=0123456789abcdef; while :; do x=$x$x; done';
    await check([`docker run --name oom -m 32m --memory-swap 32m busybox sh -c '${eat}'`, '', 137]);
    await check(["docker inspect -f '{{.State.OOMKilled}} {{.State.ExitCode}}' oom", 'true 137\n']);
    const throttled = 'grep -h nr_throttled /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpu/cpu.stat 2>/dev/null';
    const burn = `until ${throttled} | grep -q " [1-9]"; do :; done; echo throttled`;
    await check([`docker run --rm --cpus 0.1 busybox sh -c '${burn}'`, 'throttled\n']);
    const until = 'docker events --since 0 --until $(date +%s.%N) -f container=oom --format "{{.Action}}"';
    await check([until, 'create\nattach\nstart\noom\ndie\n']);
    await check(['docker rm oom', 'oom\n']);
  });

  it('nothing is left', async () => {
    await check([
      'docker rmi -f fedora centos ubuntu:14.04 | grep Untagged',
      'Untagged: fedora:latest\nUntagged: centos:latest\nUntagged: ubuntu:14.04\n',
    ]);
    await check(['docker rmi busybox', /^Untagged: busybox:latest\nDeleted: sha256:[0-9a-f]{64}\n/]);
    await check(['docker ps -aq; docker images -q', '']);
  });
});
