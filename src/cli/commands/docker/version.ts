// `docker version`: this program and the engine it talks to.
import { arch } from 'node:os';
import type { VersionAnswer } from '../../../api/objects.ts';
import { API_VERSION, VERSION } from '../../../base/version.ts';
import { formatError } from '../../output/errors.ts';
import { goJson } from '../../output/json.ts';
import { fromApi } from '../../template/from-api.ts';
import { readTemplate } from '../../template/template.ts';
import type { DefineVerb } from '../../verb.ts';

/** `docker version`. Without an engine the client's part is printed all the same. */
export const version: DefineVerb = (command, begin) => {
  command.option('-f, --format <format>', 'json, or a Go template').action(({ format }: { format?: string }) =>
    begin(async (context) => {
      let server: VersionAnswer | undefined;
      let failure: unknown;
      try {
        server = await (await context.docker()).version({ abortSignal: context.interrupts.signal });
      } catch (error) {
        failure = error;
      }
      context.print(textOf(server, format));
      if (failure === undefined) return undefined;
      context.remark(formatError(failure, { color: context.color.err, fromDaemon: true }));
      return 1;
    }),
  );
};

/** What Docker shows of its client, as far as it means something here. */
function client(): Readonly<Record<string, string>> {
  return {
    Version: VERSION,
    ApiVersion: API_VERSION,
    DefaultAPIVersion: API_VERSION,
    GitCommit: '',
    GoVersion: 'none',
    Os: 'linux',
    Arch: arch() === 'x64' ? 'amd64' : arch(),
    BuildTime: '',
    Context: 'default',
  };
}

function textOf(server: VersionAnswer | undefined, format = ''): string {
  const both = { Client: client(), Server: server ?? null };
  if (format === 'json') return `${goJson(both)}\n`;
  if (format !== '') return `${readTemplate(format).run(fromApi(both))}\n`;
  return `${clientText()}${server === undefined ? '' : serverText(server)}`;
}

function clientText(): string {
  const { Version = '', ApiVersion = '', Os = '', Arch = '', Context = '' } = client();
  return section('Client: gantry', 20, [
    [' Version:', Version],
    [' API version:', ApiVersion],
    [' OS/Arch:', `${Os}/${Arch}`],
    [' Context:', Context],
  ]);
}

function serverText(server: VersionAnswer): string {
  const title = server.Platform.Name === '' ? 'Server:' : `Server: ${server.Platform.Name}`;
  const parts = server.Components.map(({ Name, Version, Details = {} }) => {
    const known: readonly (readonly [string, string | undefined])[] =
      Name === 'Engine'
        ? [
            ['API version:', `${Details['ApiVersion'] ?? ''} (minimum version ${Details['MinAPIVersion'] ?? ''})`],
            ['Go version:', Details['GoVersion']],
            ['Git commit:', Details['GitCommit']],
            ['Built:', Details['BuildTime']],
            ['OS/Arch:', `${Details['Os'] ?? ''}/${Details['Arch'] ?? ''}`],
            ['Experimental:', Details['Experimental']],
          ]
        : Object.entries(Details).map(([key, value]) => [`${key}:`, value] as const);
    const rows = [['Version:', Version] as const, ...known].map(([name, value]) => [`  ${name}`, value ?? ''] as const);
    return section(` ${Name}:`, 20, rows);
  });
  return `\n${title}\n${parts.join('')}`;
}

function section(title: string, width: number, rows: readonly (readonly [string, string])[]): string {
  return `${title}\n${rows.map(([name, value]) => `${name.padEnd(width)}${value}\n`).join('')}`;
}
