// How a service came into the project: by include, extends and profiles.
import { inside, outside, shown, subject, type Table } from './row.ts';

/** Services and probes; `included` stands in another file. */
export const LOAD: Table = {
  rest: `
name: applied
include:
  - path: [sub/compose.yaml, sub/more.yaml]
    env_file: sub/own.env
    project_directory: sub/dir
`,
  files: {
    'sub/own.env': 'OWN=of its own\n',
    'sub/dir/data/file': 'beside it\n',
    'sub/compose.yaml':
      'services: { included: { image: busybox, command: sleep 100000, environment: { A: "${OWN}" }, volumes: ["./data:/data"] } }\n',
    'sub/more.yaml': 'services: { included: { stop_grace_period: 0s, environment: { B: more } } }\n',
    'base/base.yaml':
      'services: { base: { image: busybox, environment: { C: "of the base" }, volumes: ["./dir:/dir"] } }\n',
    'base/dir/file': 'beside the base\n',
  },
  subjects: [
    {
      name: 'included',
      probes: [
        shown('/name', 'Name', '"/applied-included-1"'),
        inside('/include /include.*.path', 'echo $B', 'more'),
        inside('/include.*.env_file', 'echo $A', 'of its own'),
        inside('/include.*.project_directory', 'cat /data/file', 'beside it'),
      ],
    },
    subject('extends', 'extends: { file: base/base.yaml, service: base }', [
      inside('extends extends.file extends.service', 'echo $C; cat /dir/file', 'of the base\nbeside the base'),
    ]),
    subject('on', 'profiles: [on]', [inside('profiles', 'echo runs', 'runs')]),
    subject('off', 'profiles: [off]', []),
    subject('sees', '', [outside('profiles', 'echo ${PID_on:+on}${PID_off:+off}', 'on')]),
  ],
};
