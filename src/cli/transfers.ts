// Pulls or pushes several images side by side, each on its own: one that fails leaves the others alone.
import { messageOf } from '../base/error.ts';
import { Semaphore } from '../base/semaphore.ts';
import type { Context } from './context.ts';

/** One image on its way. */
export interface TransferJob {
  /** What people see: `Image busybox`. */
  readonly id: string;
  /** What `--dry-run` says: `pull busybox`. */
  readonly step: string;
  /** `Pulling` and `Pulled`. */
  readonly words: readonly [string, string];
  /** A failure is told as a warning and counts as none. */
  readonly mayFail: boolean;
  readonly run: (tell: (text: string) => void) => Promise<void>;
}

/** What is drawn. */
export interface TransferView {
  /** `pull` or `push`. */
  readonly verb: string;
  readonly title: string;
  readonly quiet: boolean;
  /** Things that are passed over, and why. */
  readonly skipped: readonly { readonly id: string; readonly why: string }[];
}

/** Runs the jobs; throws the first failure that counts once all have ended. */
export async function runTransfers(context: Context, jobs: readonly TransferJob[], view: TransferView): Promise<void> {
  if (context.dryRun) {
    const { printSteps } = await import('./dry-run.ts');
    await printSteps(
      context,
      view.verb,
      jobs.map(({ step }) => step),
    );
    return;
  }
  const places = new Semaphore(context.parallel);
  const failures: unknown[] = [];
  await context.withProgress(view.title, async (shown) => {
    const progress = view.quiet ? (): void => undefined : shown;
    for (const { id, why } of view.skipped) progress({ id, text: `Skipped - ${why}`, state: 'done' });
    await Promise.all(
      jobs.map(async ({ id, words, mayFail, run }) => {
        const [working, done] = words;
        await places.use(async () => {
          progress({ id, text: working, state: 'working' });
          try {
            await run((text) => progress({ id, text: `${working} ${text}`, state: 'working', passing: true }));
            progress({ id, text: done, state: 'done' });
          } catch (error) {
            const isCut = context.interrupts.signal.aborted;
            if (isCut || !mayFail) failures.push(error);
            if (isCut) progress({ id, text: 'Canceled', state: 'warning' });
            else progress({ id, text: mayFail ? messageOf(error) : 'Error', state: mayFail ? 'warning' : 'error' });
          }
        });
      }),
    );
  });
  if (failures.length > 0) throw failures[0];
}
