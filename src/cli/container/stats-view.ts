// Draws what containers use, once or again and again. Which containers is the caller's to say, anew each time.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerStats } from '../../api/stats.ts';
import { isHttpError } from '../../client/errors.ts';
import type { Context } from '../context.ts';
import { isTerminal } from '../io.ts';
import { formatList } from '../output/format.ts';
import { STATS_HEADINGS, STATS_TABLE, statsRow } from './stats-row.ts';

/** Flags of `stats`. */
export interface StatsFlags {
  readonly all?: boolean;
  readonly format?: string;
  /** False with --no-stream. */
  readonly stream?: boolean;
  /** False with --no-trunc. */
  readonly trunc?: boolean;
}

/** A container to be shown, by what it was asked for. */
export interface Shown {
  readonly id: string;
  readonly asked: string;
}

/** Clears the screen and goes to its top. */
const CLEAR = '\x1b[2J\x1b[H';

/** Until interrupted, or once. A container that is gone meanwhile is left out. */
export async function viewStats(
  context: Context,
  { stream = true, format, trunc = true }: StatsFlags,
  select: () => Promise<readonly Shown[]>,
): Promise<void> {
  const clear = stream && isTerminal(context.io.stdout) ? CLEAR : '';
  do {
    const samples = await Promise.all((await select()).map(async (shown) => await sample(context, shown)));
    const rows = samples.flatMap((found) => (found === undefined ? [] : [statsRow(found.stats, found.asked, trunc)]));
    context.print(clear + formatList({ rows, headings: STATS_HEADINGS, table: STATS_TABLE, format }));
    // samples take a second, an empty list takes none
    if (stream && rows.length === 0) await sleep(1000, undefined, { signal: context.interrupts.signal });
  } while (stream && !context.interrupts.signal.aborted);
}

async function sample(
  context: Context,
  { id, asked }: Shown,
): Promise<{ readonly stats: ContainerStats; readonly asked: string } | undefined> {
  const docker = await context.docker();
  const abortSignal = context.interrupts.signal;
  try {
    const stats = await docker.getContainer(id).stats({ stream: false, abortSignal });
    // some engines leave these out
    return { stats: { ...stats, id: stats.id || id, name: stats.name || asked }, asked };
  } catch (error) {
    if (isHttpError(error, 404) && asked !== id) return undefined;
    throw error;
  }
}
