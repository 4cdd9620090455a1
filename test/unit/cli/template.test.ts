// Go templates over an inspected container: what docker 26.1 printed for the same templates.
import { describe, expect, it } from 'vitest';
import { fromApi } from '../../../src/cli/template/from-api.ts';
import { readTemplate } from '../../../src/cli/template/template.ts';

const container = {
  Id: 'b993',
  Args: ['1000'],
  Name: '/aa',
  Driver: 'overlay2',
  State: { Status: 'running', Running: true, Paused: false, OOMKilled: false, Pid: 7, ExitCode: 127, FinishedAt: '' },
  RestartCount: 0,
  HostConfig: {
    Binds: ['vv:/d'],
    PidsLimit: null,
    Dns: null,
    LogConfig: { Type: 'json-file', Config: {} },
    PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '18080' }] },
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    Memory: 0,
  },
  Mounts: [{ Type: 'volume', Source: '/s', Destination: '/d', RW: true }],
  Config: {
    Env: ['A=1', 'B=2'],
    Cmd: ['sleep', '1000'],
    Entrypoint: null,
    Volumes: null,
    Image: 'busybox',
    ExposedPorts: { '80/tcp': {} },
    Labels: { 'x.y': '1', a: 'b' },
  },
  NetworkSettings: {
    Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '18080' }], '81/tcp': null },
    Networks: { bridge: { IPAddress: '172.17.0.2' } },
  },
};

describe('templates', () => {
  it.each([
    ['{{.NetworkSettings.Ports}}', 'map[80/tcp:[{0.0.0.0 18080}] 81/tcp:[]]'],
    ['{{.Config.ExposedPorts}}', 'map[80/tcp:{}]'],
    ['{{.Mounts}}', '[{volume /s /d true}]'],
    ['{{.Config.Env}} {{.Config.Entrypoint}} {{.Config.Volumes}}', '[A=1 B=2] [] map[]'],
    [
      '{{.HostConfig.PidsLimit}} {{.State.Health}} {{.Config.Healthcheck}} {{.HostConfig.Init}} {{.SizeRw}}',
      '<nil> <nil> <nil> <nil> <nil>',
    ],
    ['{{if .State.Health}}y{{else}}n{{end}}', 'n'],
    ['{{if eq .State.Status "exited"}}e{{else if .State.Running}}r{{else}}n{{end}}', 'r'],
    ['{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostPort}}', '18080'],
    ['{{index .NetworkSettings.Ports "99/tcp"}}', '<no value>'],
    ['{{.Config.Labels.foo}} {{index .Config.Labels "foo"}}|{{index .Config.Labels "x.y"}}', '<no value> |1'],
    ['{{json .Config.Labels}} {{.Config.Labels}}', '{"a":"b","x.y":"1"} map[a:b x.y:1]'],
    [
      '{{json .State.Health}} {{json .HostConfig.RestartPolicy}} {{json .Config.Entrypoint}}',
      'null {"Name":"no","MaximumRetryCount":0} null',
    ],
    [
      '{{range $p, $c := .NetworkSettings.Ports}}{{$p}} -> {{with $c}}{{(index . 0).HostPort}}{{else}}none{{end}};{{end}}',
      '80/tcp -> 18080;81/tcp -> none;',
    ],
    ['{{range .Mounts}}{{.Source}}:{{.Destination}} {{else}}none{{end}}', '/s:/d '],
    ['{{range .HostConfig.Dns}}x{{else}}none{{end}}', 'none'],
    ['{{range $k, $v := .NetworkSettings.Networks}}{{$k}}={{$v.IPAddress}}{{end}}', 'bridge=172.17.0.2'],
    ['{{range $i, $e := .Config.Env}}{{if $i}}, {{end}}{{$e}}{{end}}', 'A=1, B=2'],
    ['{{range .Config.Env}}{{.}}{{break}}{{end}}', 'A=1'],
    [
      '{{.HostConfig.LogConfig}} {{.HostConfig.RestartPolicy}} {{.HostConfig.PortBindings}}',
      '{json-file map[]} {no 0} map[80/tcp:[{ 18080}]]',
    ],
    [
      '{{.NetworkSettings.Networks.bridge.IPAddress}} {{.NetworkSettings.Networks.foo.IPAddress}}',
      '172.17.0.2 <no value>',
    ],
    [
      '{{printf "%-10s|%5d|%05d|%q|%v|%t|%x|%.2s|%%" .Name 12 12 .Driver .Args true 255 "abc"}}',
      '/aa       |   12|00012|"overlay2"|[1000]|true|ff|ab|%',
    ],
    ['{{printf "%d" "x"}} {{printf "%s"}} {{printf "a" 1}}', '%!d(string=x) %!s(MISSING) a%!(EXTRA int=1)'],
    ['{{join .Config.Env ","}} {{upper .Name}} {{lower "X"}} {{split .Name "/"}}', 'A=1,B=2 /AA x [ aa]'],
    ['{{title "foo bar"}} {{pad "x" 1 2}}|{{truncate "abcdef" 3}}', 'Foo Bar  x  |abc'],
    ['{{println .Name}}x', '/aa\nx'],
    ['{{print 1 2 "a" "b" 3}}', '1 2ab3'],
    ['{{eq .Name "/aa" "b"}} {{ne .Name "/aa"}} {{gt .State.Pid 0}} {{le 2 1}}', 'true false true false'],
    ['{{len .Mounts}} {{len .Name}} {{slice .Name 1}} {{.Id | len}}', '1 3 aa 4'],
    ['{{with .Config}}{{.Image}} {{$.Name}}{{end}}', 'busybox /aa'],
    ['x  {{- .Name -}}  x', 'x/aax'],
    ['{{/* c */}}a{{- /* d */ -}} b', 'ab'],
    ['{{$x := .Name}}{{if true}}{{$x = "z"}}{{end}}{{$x}}', 'z'],
    ['{{not .State.Running}} {{and .State.Running .State.OOMKilled}} {{or "" "z"}}', 'false false z'],
    ['{{"a" | printf "%s-%s" "b"}} {{ .Name | upper | printf "%q" }}', 'b-a "/AA"'],
    ['{{html "<a>"}} {{`raw\\n`}} {{"q\\tt"}}', '&lt;a&gt; raw\\n q\tt'],
  ])('%s', (template, text) => {
    expect(readTemplate(template).run(fromApi(container))).toBe(text);
  });

  it.each([
    ['{{.Foo}}', 'template: :1:2: executing "" at <.Foo>: map has no entry for key "Foo"'],
    ['{{.State.Foo}}', 'template: :1:8: executing "" at <.State.Foo>: map has no entry for key "Foo"'],
    [
      '{{.State.Health.Status}}',
      'template: :1:8: executing "" at <.State.Health.Status>: map has no entry for key "Health"',
    ],
    [
      '{{(index (index .NetworkSettings.Ports "99/tcp") 0).HostPort}}',
      'template: :1:3: executing "" at <index (index .NetworkSettings.Ports "99/tcp") 0>: error calling index: index of untyped nil',
    ],
    [
      '{{eq .Name 1}}',
      'template: :1:2: executing "" at <eq .Name 1>: error calling eq: incompatible types for comparison',
    ],
    [
      '{{index .Args 5}}',
      'template: :1:2: executing "" at <index .Args 5>: error calling index: index out of range: 5',
    ],
    ['{{.Args.Foo}}', 'template: :1:7: executing "" at <.Args.Foo>: can\'t evaluate field Foo in type interface {}'],
    ['a\n {{range .Name}}x{{end}}', 'template: :2:9: executing "" at <.Name>: range can\'t iterate over /aa'],
    ['{{.Name .Id}}', 'template: :1:2: executing "" at <.Name>: Name is not a method but has arguments'],
  ])('%s fails', (template, message) => {
    expect(() => readTemplate(template).run(fromApi(container))).toThrow(
      expect.objectContaining({ code: 'usage/invalid-flag', message: `template parsing error: ${message}` }) as Error,
    );
  });

  it.each([
    ['{{foo .Name}}', 'function "foo" not defined'],
    ['{{.Id', 'unclosed action'],
    ['{{range .Mounts}}', 'unexpected EOF'],
    ['{{if .Id}}{{else}}', 'unexpected EOF'],
    ['{{else}}', 'unexpected {{else}}'],
    ['{{end}}', 'unexpected {{end}}'],
    ['{{ }}', 'missing value for command'],
    ['{{"x', 'unterminated quoted string'],
    ['{{if}}x{{end}}', 'missing value for if'],
    ['{{(len .Id}}', 'unclosed left paren'],
  ])('%s cannot be read', (template, message) => {
    const wanted = { code: 'usage/invalid-template', message: `template parsing error: template: :1: ${message}` };
    expect(() => readTemplate(template)).toThrow(expect.objectContaining(wanted) as Error);
  });
});
