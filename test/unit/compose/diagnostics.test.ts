// Every mistake is reported with its place, all of them in one run.
import { describe, expect, it } from 'vitest';
import { load, places, refusal } from '../../support/compose-files.ts';

const service = (...lines: string[]): string =>
  ['services:', '  web:', '    image: app', ...lines.map((line) => `    ${line}`)].join('\n');

describe('diagnostics', () => {
  it('reports everything at once, in the order of the lines', async () => {
    const text = `services:
  web:
    imag: x
    ports: 80
    depends_on: [bd]
    environment: [A, 5]
    stop_grace_period: 10q
  db:
    image: \${FOO?need foo}
    mem_limit: 10zz
networkz: {}
`;
    const error = await refusal(text);
    expect(places(error.diagnostics)).toEqual([
      '3:5 services.web has no attribute "imag"',
      '4:12 services.web.ports must be a list, not a number',
      '5:18 services.web uses the service "bd", which is not defined',
      '6:22 services.web.environment.1 must be a string, not a number',
      '7:24 services.web.stop_grace_period must be a duration, not "10q"',
      '9:12 required variable FOO is missing a value: need foo',
      '10:16 services.db.mem_limit must be a size, not "10zz"',
      '11:1 the file has no attribute "networkz"',
    ]);
    expect(error.diagnostics[0]).toMatchObject({
      range: { length: 4 },
      sourceLine: '    imag: x',
      hint: 'did you mean "image"?',
    });
    expect(error.diagnostics[2]?.hint).toBe('did you mean "db"?');
    expect(error.message).toMatch(/compose\.yaml:3:5: services\.web has no attribute "imag" \(and 7 more\)$/);
  });

  it.each<[string, string, string]>([
    [
      'a bad port',
      'ports: ["80:x"]',
      '4:13 services.web.ports: "80:x" is not a port mapping: "x" is no container port (1 to 65535)',
    ],
    [
      'a bad volume',
      'volumes: [":x:"]',
      '4:15 services.web.volumes.0: ":x:" is not a volume: it has an empty or surplus part',
    ],
    ['an open quote', 'command: a "b', '4:14 services.web.command: has a quote that is not closed'],
    ['a word', 'cgroup: hosts', '4:13 services.web.cgroup must be one of host, private, not "hosts"'],
    ['a boolean', 'tty: maybe', '4:10 services.web.tty must be true or false, not "maybe"'],
    ['a number', 'scale: two', '4:12 services.web.scale must be a whole number, not "two"'],
    ['a range', 'oom_score_adj: 2000', '4:20 services.web.oom_score_adj must be at most 1000'],
    ['an empty value', 'environment:', '4:5 services.web.environment must be a mapping or a list, not empty'],
    ['a missing key', 'ulimits: {nofile: {soft: 1}}', '4:23 services.web.ulimits.nofile needs the attribute "hard"'],
    ['an undefined volume', 'volumes: ["data:/x"]', '4:16 services.web uses the volume "data", which is not defined'],
    ['an undefined network', 'networks: [back]', '4:16 services.web uses the network "back", which is not defined'],
    ['an undefined secret', 'secrets: [key]', '4:15 services.web uses the secret "key", which is not defined'],
    [
      'two modes',
      'network_mode: host\n    networks: [default]',
      '4:19 services.web has both network_mode and networks',
    ],
    ['a bad expression', 'hostname: a-${B', '4:17 "${B" is not a valid variable expression'],
    ['a repeated item', 'security_opt: [a, a]', '4:23 services.web.security_opt lists the same item twice'],
    ['a bad host', 'extra_hosts: [nothing]', '4:19 services.web.extra_hosts: "nothing" is not host=address'],
  ])('%s', async (_, line, expected) => {
    expect(places((await refusal(service(line))).diagnostics)).toContain(expected);
  });

  it.each<[string, string, string]>([
    ['a key twice', 'services:\n  a: {image: x}\n  a: {image: y}\n', '3:3 key "a" is defined twice in one mapping'],
    ['a key that is no string', 'services:\n  1: {image: x}\n', '2:3 key 1 is not a string'],
    ['an unknown anchor', 'services:\n  a: *b\n', '2:6 anchor "b" is not defined before it is used'],
    ['an anchor in itself', 'x-a: &a [*a]\nservices: {a: {image: x}}\n', '1:10 anchor "a" contains itself'],
    ['a list', '- a\n', '1:1 a compose file must be a mapping with the key "services"'],
    ['a bad name', 'services:\n  a b: {image: x}\n', '2:3 services: "a b" is not a valid name'],
    [
      'a service without image',
      'services:\n  a: {tty: true}\n',
      '2:3 services.a has neither an image nor a build context',
    ],
    ['nothing', 'include: []\n', '1:1 the compose files define nothing'],
  ])('%s', async (_, text, expected) => {
    expect(places((await refusal(text)).diagnostics)).toContain(expected);
  });

  it('reports YAML syntax with its line', async () => {
    const error = await refusal('services:\n\tweb: {image: x}\n');
    expect(error.diagnostics[0]).toMatchObject({ code: 'compose/yaml-syntax', range: { line: 2 } });
  });

  it('reports the first of the syntax errors that follow from one another', async () => {
    const error = await refusal('x-a: {A: ${B:-c}, D: e}\nservices: {a: {image: x}}\n');
    expect(error.diagnostics).toHaveLength(1);
    expect(error.diagnostics[0]).toMatchObject({
      code: 'compose/yaml-syntax',
      range: { line: 1 },
      hint: expect.stringContaining('needs quotes') as string,
    });
  });

  it('names the path and the lines of a circle', async () => {
    const text = `services:
  a:
    image: x
    depends_on: [b]
  b:
    image: x
    links: ["c:alias"]
  c:
    image: x
    depends_on:
      a: {condition: service_healthy}
`;
    const error = await refusal(text);
    expect(error.code).toBe('compose/dependency-cycle');
    const [first] = error.diagnostics;
    expect(first?.message).toBe('services depend on each other in a circle: a -> b -> c -> a');
    expect(first?.related?.map(({ message, range }) => `${range.line}:${range.column} ${message}`)).toEqual([
      '4:18 a needs b',
      '7:13 b needs c',
      '11:7 c needs a',
    ]);
  });

  it('points into the file a value came from', async () => {
    const files = { 'compose.yaml': service(), 'compose.override.yaml': 'services:\n  web:\n    prots: []\n' };
    const error = await refusal(files);
    expect(error.diagnostics[0]?.range).toMatchObject({ line: 3, column: 5 });
    expect(error.diagnostics[0]?.range?.file).toMatch(/compose\.override\.yaml$/);
  });

  it('says which profile a dependency needs', async () => {
    const text = 'services:\n  a: {image: x, depends_on: [b]}\n  b: {image: x, profiles: [debug]}\n';
    expect((await refusal(text)).diagnostics[0]).toMatchObject({
      message: 'services.a depends on "b", which is switched off by its profiles (debug)',
      hint: 'add --profile debug, or set "required: false" on the dependency',
    });
  });

  it('warns of an unset variable only where it is used', async () => {
    const text = `services:
  a: {image: "x:\${TAG}"}
  b: {image: "y:\${OTHER}", profiles: [off]}
`;
    const { warnings } = await load(text);
    expect(places(warnings)).toEqual(['2:17 the variable "TAG" is not set; it counts as empty']);
  });

  it('warns of an obsolete version and of old booleans', async () => {
    const { warnings } = await load(`version: "3"\n${service('tty: "yes"')}`);
    expect(warnings.map(({ code }) => code)).toEqual(['compose/obsolete-version', 'compose/yaml-1.1']);
  });

  it('warns of numbers that YAML 1.1 and people read differently, but not of modes', async () => {
    const { warnings } = await load(
      `services:
  a:
    image: x
    scale: 010
    ports: [56:22, "57:22", 80:80]
    environment: {A: 012, B: 12, C: "014"}
    secrets: [{source: s, mode: 0440}]
secrets: {s: {file: ./s}}
`,
    );
    expect(places(warnings)).toEqual([
      '4:12 010 is octal: it is read as 8',
      '5:13 56:22 is a number in base 60 for readers of YAML 1.1',
      '6:22 012 is octal: it is read as 10',
    ]);
  });

  it('suggests nothing far-fetched', async () => {
    expect((await refusal(service('zzz: 1'))).diagnostics[0]).not.toHaveProperty('hint');
  });
});
