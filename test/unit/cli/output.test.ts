// What is printed: tables, times, sizes, ports, JSON, diagnostics, log lines.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { GantryError } from '../../../src/base/error.ts';
import { commandText, exitCodeIn, healthOf, portsText } from '../../../src/cli/output/container-text.ts';
import { formatDiagnostics } from '../../../src/cli/output/diagnostics.ts';
import { exitCodeOf, formatError } from '../../../src/cli/output/errors.ts';
import { humanDuration, humanSize } from '../../../src/cli/output/human.ts';
import { formatList, labelHeading } from '../../../src/cli/output/format.ts';
import { printInspected } from '../../../src/cli/output/inspect.ts';
import { goJson } from '../../../src/cli/output/json.ts';
import { createLogWriter } from '../../../src/cli/output/log-writer.ts';
import { splitReference } from '../../../src/cli/output/reference.ts';
import { formatTable } from '../../../src/cli/output/table.ts';
import { textWidth } from '../../../src/cli/output/width.ts';

it('tables have three blanks between columns and count wide letters', () => {
  expect(
    formatTable(
      ['A', 'LONG'],
      [
        ['漢字', 'x'],
        ['y', 'z'],
      ],
    ),
  ).toBe('A      LONG\n漢字   x\ny      z\n');
  expect(formatTable(['A', 'B'], [['c', 'd']], { gap: 4, least: 6 })).toBe('A     B\nc     d\n');
});

it.each([
  ['abc', 3],
  ['…', 1],
  ['漢', 2],
  ['e\u0301', 1],
  ['🚀', 2],
])('%s is %i wide', (text, width) => {
  expect(textWidth(text)).toBe(width);
});

it.each([
  [0.4, 'Less than a second'],
  [1, '1 second'],
  [59, '59 seconds'],
  [60, 'About a minute'],
  [150, '2 minutes'],
  [3600, 'About an hour'],
  [2 * 3600, '2 hours'],
  [3 * 86_400, '3 days'],
  [15 * 86_400, '2 weeks'],
  [90 * 86_400, '3 months'],
  [800 * 86_400, '2 years'],
])('%d seconds', (seconds, words) => {
  expect(humanDuration(seconds)).toBe(words);
});

it.each([
  [0, '0B'],
  [999, '999B'],
  [1_980_000, '1.98MB'],
  [123_456_789, '123MB'],
])('%d bytes', (bytes, words) => {
  expect(humanSize(bytes)).toBe(words);
});

it('commands are cut to 20 columns and quoted', () => {
  expect(commandText("sh -c 'echo db up; exec sleep 1000'")).toBe(`"sh -c 'echo db up; …"`);
  expect(commandText('httpd -f')).toBe('"httpd -f"');
  expect(commandText('say "x"')).toBe('"say \\"x\\""');
});

describe('ports', () => {
  const port = (
    IP: string | undefined,
    PrivatePort: number,
    PublicPort?: number,
  ): Parameters<typeof portsText>[0][number] => ({
    PrivatePort,
    Type: 'tcp',
    ...(IP === undefined ? {} : { IP }),
    ...(PublicPort === undefined ? {} : { PublicPort }),
  });
  it.each([
    [[port('0.0.0.0', 80, 8080), port('::', 80, 8080)], '0.0.0.0:8080->80/tcp, :::8080->80/tcp'],
    [[port(undefined, 80), port(undefined, 81)], '80-81/tcp'],
    [[port('0.0.0.0', 81, 81), port('0.0.0.0', 80, 80)], '0.0.0.0:80-81->80-81/tcp'],
    [[port('0.0.0.0', 80, 8080), port('0.0.0.0', 81, 8081)], '0.0.0.0:8080->80/tcp, 0.0.0.0:8081->81/tcp'],
    [
      [port('0.0.0.0', 80, 8080), port('127.0.0.1', 90, 90), port(undefined, 70)],
      '70/tcp, 127.0.0.1:90->90/tcp, 0.0.0.0:8080->80/tcp',
    ],
    [[], ''],
  ])('%#', (ports, text) => {
    expect(portsText(ports)).toBe(text);
  });
});

it('health and exit code are read from the status', () => {
  expect(['Up 2 seconds (healthy)', 'Up 1 second (health: starting)', 'Up 3 hours'].map(healthOf)).toEqual([
    'healthy',
    'starting',
    '',
  ]);
  expect(['Exited (137) 2 seconds ago', 'Up 2 seconds', 'Restarting (1) 1 second ago'].map(exitCodeIn)).toEqual([
    137, 0, 1,
  ]);
});

it('JSON is escaped as Go does', () => {
  expect(goJson({ a: '80->90 <b> &' })).toBe('{"a":"80-\\u003e90 \\u003cb\\u003e \\u0026"}');
});

it.each([
  ['busybox', 'busybox', 'latest'],
  ['busybox:1', 'busybox', '1'],
  ['h:5000/a/b', 'h:5000/a/b', 'latest'],
  ['h:5000/a/b:2', 'h:5000/a/b', '2'],
  ['a@sha256:11', 'a', '<none>'],
])('%s', (reference, repository, tag) => {
  expect(splitReference(reference)).toEqual({ repository, tag });
});

it.each([
  ['{{.Id}}', 'x\n'],
  ['{{ .Config.Cmd }}\\t{{json .Config.Cmd}}', '[a b]\t["a","b"]\n'],
  ['json', '{"Id":"x","Config":{"Cmd":["a","b"]}}\n'],
  [
    undefined,
    '[\n    {\n        "Id": "x",\n        "Config": {\n            "Cmd": [\n                "a",\n                "b"\n            ]\n        }\n    }\n]\n',
  ],
])('inspect %s', (format, text) => {
  expect(printInspected([{ Id: 'x', Config: { Cmd: ['a', 'b'] } }], format)).toBe(text);
});

describe('lists', () => {
  const row = { ID: 'b99', Names: 'a>b', Label: (name: unknown) => `of ${String(name)}` };
  const list = {
    rows: [row, { ...row, ID: 'longer than ten' }],
    headings: { ID: 'CONTAINER ID', Names: 'NAMES', Label: labelHeading },
    table: '{{.ID}}\\t{{.Names}}',
  };
  it.each([
    [undefined, 'CONTAINER ID      NAMES\nb99               a>b\nlonger than ten   a>b\n'],
    ['table', 'CONTAINER ID      NAMES\nb99               a>b\nlonger than ten   a>b\n'],
    [
      'table {{upper .Names}}\\t{{.Label "x.my-y"}}\\t{{.ID}}',
      'NAMES     my y        CONTAINER ID\nA>B       of x.my-y   b99\nA>B       of x.my-y   longer than ten\n',
    ],
    ['{{.ID}}\\t{{.Names}}', 'b99\ta>b\nlonger than ten\ta>b\n'],
    ['json', '{"ID":"b99","Names":"a\\u003eb"}\n{"ID":"longer than ten","Names":"a\\u003eb"}\n'],
  ])('%s', (format, text) => {
    expect(formatList({ ...list, format })).toBe(text);
  });
  it('an empty table has its heading', () => {
    expect(formatList({ ...list, rows: [], format: 'table {{.Names}}\\t{{.ID}}' })).toBe('NAMES     CONTAINER ID\n');
  });
});

describe('errors', () => {
  const diagnostic = {
    severity: 'error',
    code: 'compose/unknown-attribute',
    message: 'unknown attribute "comand"',
    range: { file: '/p/compose.yaml', line: 4, column: 5, length: 6 },
    sourceLine: '    comand: sleep 1',
    hint: 'did you mean "command"?',
  } as const;

  it('diagnostics show the place, the line and a caret', () => {
    expect(formatDiagnostics([diagnostic], false)).toBe(
      '/p/compose.yaml:4:5: error: unknown attribute "comand" [compose/unknown-attribute]\n  4 |     comand: sleep 1\n    |     ^^^^^^\n  hint: did you mean "command"?\n',
    );
  });

  it('an error shows its message, last lines, what was skipped, and the hint', () => {
    const error = new GantryError('project/dependency-failed', 'dependency failed', {
      hint: 'gantry logs db',
      details: { lastLines: ['boom'], skipped: ['Container p-web-1'] },
    });
    expect(formatError(error, { color: false })).toBe(
      'gantry: dependency failed\nits last lines:\n  | boom\nskipped because of this: Container p-web-1\nhint: gantry logs db\n',
    );
    expect(exitCodeOf(error)).toBe(1);
    expect(exitCodeOf(new GantryError('cli/interrupted', 'x'))).toBe(130);
  });

  it('only a mistake of ours shows a stack', () => {
    expect(formatError(new Error('oops'), { color: false })).toMatch(/internal error: Error: oops\n\s+at /);
  });
});

it('log lines never mix, keep their streams, and get their rest', () => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const writer = createLogWriter(out, err, { color: false, prefix: true, names: ['db-1', 'web-10'] });
  writer.write('db-1', 'stdout', Buffer.from('half '));
  writer.write('web-10', 'stdout', Buffer.from('whole\n'));
  writer.write('db-1', 'stderr', Buffer.from('bad\n'));
  writer.write('db-1', 'stdout', Buffer.from('line\nrest'));
  writer.end('db-1');
  expect(String(out.read())).toBe('web-10  | whole\ndb-1    | half line\ndb-1    | rest\n');
  expect(String(err.read())).toBe('db-1    | bad\n');
});
