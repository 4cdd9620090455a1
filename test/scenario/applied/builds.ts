// Images that are built on the way, and what their builds had. Services are named after the image they make.
import { inside, outside, shown, subject, type Table } from './row.ts';

const image = (name: string, path: string): string =>
  `curl -s --unix-socket $SOCKET http://x/images/${name}/json | grep -o '"${path}'`;

/** Services and probes. */
export const BUILDS: Table = {
  files: {
    'ctx/Other.Dockerfile':
      'FROM busybox AS first\nARG GIVEN\nCOPY text /text\nRUN echo "$GIVEN" >/given\nFROM first\nRUN exit 1\n',
    'ctx/text': 'of the context\n',
  },
  subjects: [
    subject(
      'built',
      `
image: built:1
build:
  context: ./ctx
  dockerfile: Other.Dockerfile
  target: first
  args: { GIVEN: "argument \${OUTSIDE}" }
  labels: { made: here }
  tags: ["built:other"]
`,
      [
        inside('build build.context build.dockerfile', 'cat /text', 'of the context'),
        inside('build.args build.target', 'cat /given', 'argument from-outside'),
        shown('build.labels', 'Config.Labels.made', '"here"'),
        outside('build.tags', image('built:other', 'built:1"'), '"built:1"'),
      ],
    ),
    subject(
      'inline',
      `
image: inline:1
platform: \${PLATFORM}
build:
  context: ./ctx
  dockerfile_inline: |
    FROM busybox
    RUN cat /etc/hosts >/hosts; readlink /proc/self/ns/net >/net; df -k /dev/shm >/shm; ulimit -n >/soft; ulimit -Hn >/hard
  network: host
  extra_hosts: ["far=10.1.2.3"]
  shm_size: 3m
  ulimits: { nofile: { soft: 100, hard: 200 }, nproc: 300 }
  platforms: ["\${PLATFORM}"]
`,
      [
        inside('build.dockerfile_inline build.extra_hosts', 'grep -w far /hosts', '10.1.2.3\tfar'),
        outside(
          'build.network',
          '[ "$(cat /proc/$PID/root/net)" = "$(readlink /proc/self/ns/net)" ] && echo same',
          'same',
        ),
        inside('build.shm_size', 'tail -1 /shm | tr -s " " | cut -d" " -f2', '3072'),
        inside('build.ulimits build.ulimits.*.soft build.ulimits.*.hard', 'cat /soft /hard', '100\n200'),
      ],
    ),
  ],
};
