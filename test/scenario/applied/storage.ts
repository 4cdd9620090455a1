// Mounts of every kind, the volumes of the file, and the contents of secrets and configs.
import { inside, outside, shownOf, subject, type Table } from './row.ts';

const mounted = (path: string): string => `grep ' ${path} ' /proc/self/mountinfo | cut -d' ' -f6-7`;

/** Services and probes. */
export const STORAGE: Table = {
  files: {
    'bound/file': 'of the host\n',
    'nested/inner/keep': '',
    'secret.txt': 'of a file',
    'config.txt': 'config of a file',
  },
  rest: `
volumes:
  seeded: { external: true, name: applied-seeded }
  named: { name: "volume-\${OUTSIDE}", driver: local, labels: { kind: data } }
  scratch: { driver_opts: { type: tmpfs, device: tmpfs, o: "size=1m" } }
  outer: { external: true, name: applied-volume }
  outer_old: { external: { name: applied-volume-old } }
secrets:
  filed: { file: ./secret.txt }
  set: { environment: OUTSIDE }
configs:
  filed: { file: ./config.txt }
  set: { environment: OUTSIDE }
  written: { content: "written with \${OUTSIDE}" }
`,
  subjects: [
    subject(
      'mounts',
      `
volumes:
  - "named:/short"
  - { type: volume, source: named, target: /long, read_only: true }
  - { type: volume, source: seeded, target: /sub, volume: { subpath: deep/er } }
  - { type: volume, target: /opt, volume: { labels: { kind: anonymous } } }
  - { type: volume, target: /home, volume: { nocopy: true } }
  - { type: tmpfs, target: /fast, tmpfs: { size: 2m, mode: 0o1730 } }
  - { type: bind, source: ./bound, target: /bound, read_only: true }
  - { type: bind, source: ./made/here, target: /made, bind: { create_host_path: true } }
  - { type: bind, source: ./nested, target: /shared, bind: { propagation: rshared } }
  - { type: bind, source: ./nested, target: /flat, bind: { recursive: disabled } }
  - { type: bind, source: ./nested, target: /half, read_only: true, bind: { recursive: writable } }
  - { type: bind, source: ./nested, target: /deep, read_only: true, bind: { recursive: readonly, propagation: rprivate } }
  - scratch:/scratch
  - outer:/outer
  - outer_old:/outer_old
`,
      [
        inside(
          'volumes volumes.*.type volumes.*.source volumes.*.target',
          'echo kept >/short/file; cat /long/file',
          'kept',
        ),
        inside('volumes.*.read_only', 'touch /long/x 2>&1; touch /bound/x 2>&1', /(.*Read-only file system\n?){2}/),
        inside('volumes.*.source', 'cat /bound/file', 'of the host'),
        inside('volumes.*.volume.subpath', 'cat /sub/seed', 'seed'),
        inside('volumes.*.volume.nocopy', 'ls /home; ls /etc/passwd', '/etc/passwd'),
        outside('volumes.*.volume.labels', 'curl -s --unix-socket $SOCKET "http://x/volumes" | grep -c anonymous', '1'),
        inside(
          'volumes.*.tmpfs volumes.*.tmpfs.size',
          'df -k /fast | tail -1 | tr -s " " | cut -d" " -f1,2',
          'tmpfs 2048',
        ),
        inside('volumes.*.tmpfs.mode', 'stat -c %a /fast', '1730'),
        outside('volumes.*.bind.create_host_path', 'ls -d $FOLDER/made/here | sed "s,.*/made,made,"', 'made/here'),
        inside(
          'volumes.*.bind.propagation',
          `${mounted('/shared')}; ${mounted('/deep')}`,
          /shared:\d+\n(?!.*(shared|master))/,
        ),
        inside(
          'volumes.*.bind.recursive',
          'ls /flat/inner /half/inner /deep/inner',
          '/deep/inner:\nunder\n\n/flat/inner:\nkeep\n\n/half/inner:\nunder',
        ),
        inside(
          'volumes.*.bind.recursive',
          'touch /half/inner/y && echo written; touch /deep/inner/y 2>&1',
          /^written\n.*Read-only/,
        ),
        shownOf('/volumes.*.name /volumes.*.driver', ['volume', 'volume-from-outside'], 'Driver', '"local"'),
        shownOf('/volumes.*.labels', ['volume', 'volume-from-outside'], 'Labels.kind', '"data"'),
        inside('/volumes.*.driver_opts', 'df -k /scratch | tail -1 | tr -s " " | cut -d" " -f1,2', 'tmpfs 1024'),
        inside('/volumes.*.external', 'cat /outer/who', 'applied-volume'),
        inside('/volumes.*.external.name', 'cat /outer_old/who', 'applied-volume-old'),
      ],
    ),
    subject('borrows', 'volumes_from: ["mounts:ro", "container:applied-friend"]', [
      inside(
        'volumes_from',
        'cat /outer/who; touch /outer/x 2>&1; ls -d /friendly',
        /^applied-volume\n.*Read-only.*\n\/friendly$/,
      ),
    ]),
    subject(
      'files',
      `
user: "1000"
secrets:
  - filed
  - { source: set, target: renamed, uid: "1000", gid: "33", mode: 0o440 }
  - { source: set, target: /etc/absolute }
configs:
  - filed
  - { source: written, target: /etc/written, uid: "1000", gid: "33", mode: 0o640 }
  - { source: set, target: /etc/set }
`,
      [
        inside('secrets /secrets.*.file', 'cat /run/secrets/filed', 'of a file'),
        inside('secrets.*.source secrets.*.target /secrets.*.environment', 'cat /run/secrets/renamed', 'from-outside'),
        inside('secrets.*.uid secrets.*.gid secrets.*.mode', 'stat -c %u:%g:%a /run/secrets/renamed', '1000:33:440'),
        inside('secrets.*.target', 'cat /etc/absolute', 'from-outside'),
        inside('configs /configs.*.file', 'cat /filed', 'config of a file'),
        inside('configs.*.source configs.*.target /configs.*.content', 'cat /etc/written', 'written with from-outside'),
        inside('configs.*.uid configs.*.gid configs.*.mode', 'stat -c %u:%g:%a /etc/written', '1000:33:640'),
        inside('/configs.*.environment', 'cat /etc/set', 'from-outside'),
      ],
    ),
  ],
};
