// `docker info`.
import { formatError } from '../../output/errors.ts';
import { fromApi } from '../../template/from-api.ts';
import { readTemplate } from '../../template/template.ts';
import { goJson } from '../../output/json.ts';
import { VERSION } from '../../../base/version.ts';
import type { Context } from '../../context.ts';
import type { DefineVerb } from '../../verb.ts';
import { infoText } from './system-info-text.ts';

/** `docker info`. Without an engine the client's part is printed all the same. */
export const systemInfo: DefineVerb = (command, begin) => {
  command
    .option('-f, --format <format>', 'json, or a Go template')
    .action(({ format }: { format?: string }) => begin(async (context) => await show(context, format)));
};

const CLIENT_INFO = { Debug: false, Version: VERSION, Context: 'default', Plugins: [], Warnings: null };
const CLIENT_TEXT = `Client: gantry\n Version:    ${VERSION}\n Context:    default\n Debug Mode: false\n\n`;

async function show(context: Context, format = ''): Promise<number> {
  const found = await lookUp(context);
  const info = { ...found.info, ClientInfo: CLIENT_INFO };
  if (format === 'json') context.print(`${goJson(info)}\n`);
  else if (format !== '') context.print(`${readTemplate(format).run(fromApi(info))}\n`);
  else context.print(`${CLIENT_TEXT}Server:\n${found.info === undefined ? '' : infoText(found.info)}`);
  for (const warning of textsOf(found.info?.['Warnings'])) context.remark(`${warning}\n`);
  if (found.failure === undefined) return 0;
  context.remark(formatError(found.failure, { color: context.color.err, fromDaemon: true }));
  return 1;
}

interface Found {
  readonly info?: Readonly<Record<string, unknown>>;
  readonly failure?: unknown;
}

async function lookUp(context: Context): Promise<Found> {
  try {
    return { info: await (await context.docker()).info({ abortSignal: context.interrupts.signal }) };
  } catch (failure) {
    return { failure };
  }
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
