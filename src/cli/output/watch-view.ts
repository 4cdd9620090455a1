// Draws what a watch tells, one line an event.
import { GantryError, messageOf } from '../../base/error.ts';
import type { WatchEvent, WatchReport } from '../../watch/report.ts';
import { COLOR, paintIf } from './ansi.ts';

/** As many names are written out; more are counted. */
const NAMES = 3;

const DONE = { rebuild: 'rebuilt', restart: 'restarted', exec: 'command done' } as const;
const BEGAN = { rebuild: 'rebuilding', restart: 'restarting', exec: 'running the command' } as const;

/** A view on a stream. */
export function createWatchView(
  out: { write(text: string): unknown },
  { color }: { readonly color: boolean },
): WatchReport {
  const mark = paintIf(color, COLOR.cyan)('watch:');
  const bad = paintIf(color, COLOR.red);
  return (event) => {
    if (event.kind === 'output') out.write(event.bytes.toString());
    else {
      const text = lineOf(event);
      out.write(`${mark} ${event.kind === 'failed' ? bad(text) : text}\n`);
    }
  };
}

function lineOf(event: Exclude<WatchEvent, { kind: 'output' }>): string {
  switch (event.kind) {
    case 'watching':
      return `enabled for ${event.services.join(', ')}`;
    case 'synced':
      return `${event.service}: ${syncedText(event)}`;
    case 'began':
      return `${event.service}: ${BEGAN[event.what]}`;
    case 'done':
      return `${event.service}: ${DONE[event.what]} (${msText(event.ms)})`;
    case 'failed':
      return `${event.service}: ${event.what} failed: ${failureText(event)}`;
    case 'notice':
      return event.text;
  }
}

function syncedText({ copied, deleted, containers, ms }: Extract<WatchEvent, { kind: 'synced' }>): string {
  const parts = [
    ...(copied.length > 0 ? [`synced ${namesText(copied)}`] : []),
    ...(deleted.length > 0 ? [`deleted ${namesText(deleted)}`] : []),
  ];
  const where = containers === 1 ? '' : ` in ${containers} containers`;
  return `${parts.join(', ')}${where} (${msText(ms)})`;
}

const namesText = (names: readonly string[]): string =>
  names.length <= NAMES ? names.join(' ') : `${names.length} files`;

const msText = (ms: number): string => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

function failureText({ what, error }: Extract<WatchEvent, { kind: 'failed' }>): string {
  const hint = error instanceof GantryError && error.hint !== undefined ? ` (${error.hint})` : '';
  const after = what === 'rebuild' ? '; the containers stay as they were' : '';
  return `${messageOf(error)}${hint}${after}`;
}
