// `version`: gantry's own; asks no engine.
import { GantryError } from '../../base/error.ts';
import { VERSION } from '../../base/version.ts';
import type { DefineVerb } from '../verb.ts';

interface VersionFlags {
  readonly format?: string;
  readonly short?: boolean;
}

/** `gantry version`. */
export const version: DefineVerb = (command, begin) => {
  command
    .option('-f, --format <format>', 'pretty or json')
    .option('--short', 'the number only')
    .action((flags: VersionFlags) =>
      begin(async (context) => {
        context.print(`${versionText(flags)}\n`);
        await Promise.resolve();
        return undefined;
      }),
    );
};

function versionText(flags: VersionFlags): string {
  if (flags.short === true) return VERSION;
  if (flags.format === 'json') return JSON.stringify({ version: VERSION });
  if (flags.format === undefined || flags.format === 'pretty') return `gantry version ${VERSION}`;
  throw new GantryError('usage/invalid-flag', `--format ${flags.format}: use pretty or json`);
}
