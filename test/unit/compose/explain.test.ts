// Where values come from: every way in which a value gets into a project, told with its place.
import { describe, expect, it } from 'vitest';
import { isGantryError } from '../../../src/base/error.ts';
import { explainedJson, formatExplained } from '../../../src/cli/output/explained.ts';
import { explainPath } from '../../../src/compose/explain.ts';
import { loadProject, type LoadOptions } from '../../../src/compose/load.ts';
import { projectFolder, type Files } from '../../support/compose-files.ts';

const FILES: Files = {
  'compose.yaml': `x-base: &base
  image: base:\${TAG:-1}
  restart: always
  labels: {a: x, b: y}
x-log: &log {driver: json-file, options: {max-size: "\${SIZE}"}}
include: [db/compose.yaml]
services:
  web:
    <<: *base
    restart: "no"
    logging: *log
    hostname: $NAME-$GIVEN-$NONE-$COMPOSE_PROJECT_NAME
    environment: [GIVEN, B=2, SIZE, X]
    env_file: [a.env, b.env]
    ports: ["80:80"]
    depends_on: [api]
    volumes: ["./x:/y"]
    tmpfs: []
  api:
    extends: {file: common.yaml, service: api}
    tty: true
  worker:
    extends: web
    profiles: [off]
`,
  'compose.override.yaml': `services:
  web:
    labels: {a: z}
    ports: ["81:81"]
    volumes: !override ["./q:/y"]
    environment: {B: "3"}
`,
  'common.yaml': `services:
  root: {image: common, privileged: true}
  api:
    extends: root
    tty: false
`,
  'db/compose.yaml': 'services:\n  db: {image: "db:$DBV", hostname: "$NAME"}\n',
  'db/.env': 'DBV=12\nNAME=fromdb\n',
  '.env': 'NAME=shop\nSIZE=10m\n',
  'a.env': '# x\nA=1\nX=$NAME\n',
  'b.env': 'X=2\n',
  'more.env': 'NAME=more\nSIZE=11m\n',
};

async function explain(path: string, options: Partial<LoadOptions> = {}, json = false): Promise<string> {
  using folder = projectFolder(FILES);
  try {
    const loaded = await loadProject({ env: { GIVEN: 'g' }, cwd: folder.dir, ...options });
    const all = explainPath(loaded, path);
    return (json ? explainedJson(all) : formatExplained(all)).replaceAll(folder.dir, '/shop');
  } catch (error) {
    if (isGantryError(error)) return `${error.message}; ${error.hint ?? ''}`;
    throw error;
  }
}

describe('explainPath', () => {
  it.each<[string, string, string]>([
    [
      'a merge key and a default in the expression',
      'services.web.image',
      `services.web.image = "base:1"
  from /shop/compose.yaml:2:10: image: base:\${TAG:-1}
    TAG is not set: the expression gives "1"
  by the merge key at /shop/compose.yaml:9:9: <<: *base
`,
    ],
    [
      'a value over that of a merge key',
      'services.web.restart',
      `services.web.restart = "no"
  from /shop/compose.yaml:10:14: restart: "no"
  in place of /shop/compose.yaml:3:12: restart: always
`,
    ],
    [
      'an alias, and a variable of .env',
      'services.web.logging.options.max-size',
      `services.web.logging.options.max-size = "10m"
  from /shop/compose.yaml:5:53: x-log: &log {driver: json-file, options: {max-size: "\${SIZE}"}}
    SIZE is "10m", set at /shop/.env:2:1: SIZE=10m
  by the alias at /shop/compose.yaml:11:14: logging: *log
`,
    ],
    [
      'variables from everywhere',
      'services.web.hostname',
      `services.web.hostname = "shop-g--shop"
  from /shop/compose.yaml:12:15: hostname: $NAME-$GIVEN-$NONE-$COMPOSE_PROJECT_NAME
    NAME is "shop", set at /shop/.env:1:1: NAME=shop
    GIVEN is "g", from the environment
    NONE is not set
    COMPOSE_PROJECT_NAME is "shop", the name of the project
`,
    ],
    [
      'an override over a merge key, and what it leaves',
      'services.web.labels',
      `services.web.labels.a = "z"
  from /shop/compose.override.yaml:3:17: labels: {a: z}
  in place of /shop/compose.yaml:4:15: labels: {a: x, b: y}
services.web.labels.b = "y"
  from /shop/compose.yaml:4:21: labels: {a: x, b: y}
  by the merge key at /shop/compose.yaml:9:9: <<: *base
`,
    ],
    [
      'bare names, files of variables and an override',
      'services.web.environment',
      `services.web.environment.A = "1"
  from /shop/a.env:2:1: A=1
  by env_file at /shop/compose.yaml:14:16: env_file: [a.env, b.env]
services.web.environment.X = null
  from /shop/compose.yaml:13:37: environment: [GIVEN, B=2, SIZE, X]
  in place of /shop/a.env:3:1: X=$NAME
  in place of /shop/b.env:1:1: X=2
services.web.environment.GIVEN = "g"
  from /shop/compose.yaml:13:19: environment: [GIVEN, B=2, SIZE, X]
    GIVEN is "g", from the environment
services.web.environment.B = "3"
  from /shop/compose.override.yaml:6:22: environment: {B: "3"}
  in place of /shop/compose.yaml:13:26: environment: [GIVEN, B=2, SIZE, X]
services.web.environment.SIZE = "10m"
  from /shop/compose.yaml:13:31: environment: [GIVEN, B=2, SIZE, X]
    SIZE is "10m", set at /shop/.env:2:1: SIZE=10m
`,
    ],
    [
      'a list of two files, by index',
      'services.web.ports[1]',
      `services.web.ports.1.mode = "ingress"
  follows from /shop/compose.override.yaml:4:13: ports: ["81:81"]
services.web.ports.1.target = 81
  from /shop/compose.override.yaml:4:13: ports: ["81:81"]
services.web.ports.1.published = "81"
  from /shop/compose.override.yaml:4:13: ports: ["81:81"]
services.web.ports.1.protocol = "tcp"
  from /shop/compose.override.yaml:4:13: ports: ["81:81"]
`,
    ],
    [
      'what the language adds',
      'services.web.depends_on',
      `services.web.depends_on.api.condition = "service_started"
  follows from /shop/compose.yaml:16:18: depends_on: [api]
services.web.depends_on.api.required = true
  follows from /shop/compose.yaml:16:18: depends_on: [api]
`,
    ],
    ['an empty list', 'services.web.tmpfs', 'services.web.tmpfs = []\n  from /shop/compose.yaml:18:12: tmpfs: []\n'],
    [
      'a value under the tag !override',
      'services.web.volumes.0.source',
      'services.web.volumes.0.source = "/shop/q"\n  from /shop/compose.override.yaml:5:25: volumes: !override ["./q:/y"]\n',
    ],
    [
      'a chain of extends over files',
      'services.api.privileged',
      `services.api.privileged = true
  from /shop/common.yaml:2:37: root: {image: common, privileged: true}
  by extends at /shop/common.yaml:4:14: extends: root
  by extends at /shop/compose.yaml:20:14: extends: {file: common.yaml, service: api}
`,
    ],
    [
      'a value over that of the base',
      'services.api.tty',
      `services.api.tty = true
  from /shop/compose.yaml:21:10: tty: true
  in place of /shop/common.yaml:5:10: tty: false
`,
    ],
    [
      'a merge key behind extends, of a service that is switched off',
      'services.worker.restart',
      `services.worker.restart = "no"
  from /shop/compose.yaml:10:14: restart: "no"
  by extends at /shop/compose.yaml:23:14: extends: web
  in place of /shop/compose.yaml:3:12: restart: always
`,
    ],
    [
      'an include with variables of its own',
      'services.db',
      `services.db.image = "db:12"
  from /shop/db/compose.yaml:2:15: db: {image: "db:$DBV", hostname: "$NAME"}
    DBV is "12", set at /shop/db/.env:1:1: DBV=12
  by include at /shop/compose.yaml:6:11: include: [db/compose.yaml]
services.db.hostname = "shop"
  from /shop/db/compose.yaml:2:36: db: {image: "db:$DBV", hostname: "$NAME"}
    NAME is "shop", set at /shop/.env:1:1: NAME=shop
  by include at /shop/compose.yaml:6:11: include: [db/compose.yaml]
services.db.networks.default = null
  follows from /shop/db/compose.yaml:2:7: db: {image: "db:$DBV", hostname: "$NAME"}
  by include at /shop/compose.yaml:6:11: include: [db/compose.yaml]
`,
    ],
    [
      'a network that nobody wrote',
      'networks.default.name',
      'networks.default.name = "shop_default"\n  follows from /shop/compose.override.yaml:1:1: services:\n',
    ],
  ])('%s', async (_, path, expected) => {
    expect(await explain(path)).toBe(expected);
  });

  it('names the line of --env-file, and the environment above it', async () => {
    const options = { envFiles: ['more.env'], env: { GIVEN: 'g', SIZE: '1m' } };
    expect(await explain('services.web.hostname', options)).toContain(
      '    NAME is "more", set at /shop/more.env:1:1: NAME=more\n',
    );
    expect(await explain('services.web.environment.SIZE', options)).toContain(
      '    SIZE is "1m", from the environment\n',
    );
  });

  it('keeps its form as JSON', async () => {
    const at = (file: string, [line, column, endColumn]: readonly number[], text: string): object => {
      return { file, line, column, endLine: line, endColumn, text };
    };
    expect(JSON.parse(await explain('services.db.hostname', {}, true))).toEqual({
      values: [
        {
          path: 'services.db.hostname',
          value: 'shop',
          implied: false,
          place: at('/shop/db/compose.yaml', [2, 36, 43], 'db: {image: "db:$DBV", hostname: "$NAME"}'),
          through: [{ by: 'include', place: at('/shop/compose.yaml', [6, 11, 26], 'include: [db/compose.yaml]') }],
          variables: [{ name: 'NAME', value: 'shop', from: 'file', place: at('/shop/.env', [1, 1, 10], 'NAME=shop') }],
          overridden: [],
        },
      ],
    });
  });

  it.each<[string, string]>([
    ['services.wbe.image', 'services has no "wbe"; did you mean "web"?'],
    ['servics', 'the project has no "servics"; did you mean "services"?'],
    ['services.web.image.x', 'services.web.image has nothing below it, so no "x"; '],
    ['services.web.ports.7', 'services.web.ports has no "7"; there is: 0, 1'],
  ])('says what there is instead of %s', async (path, expected) => {
    expect(await explain(path)).toBe(expected);
  });
});
