// Does one thing to each of several containers, as Docker's verbs do: a name a line for what worked, the failures at the end.
import { isGantryError } from '../../../base/error.ts';
import type { Container } from '../../../client/container.ts';
import { isHttpError } from '../../../client/errors.ts';
import type { Context } from '../../context.ts';
import { failures } from '../../output/failures.ts';

/** What is done to one. */
export type EachWork = (container: Container) => Promise<unknown>;

/** All at once, answers in the order of the names. Gives the exit code. */
export async function eachContainer(context: Context, names: readonly string[], work: EachWork): Promise<number> {
  const docker = await context.docker();
  const tries = names.map(async (name) => await work(docker.getContainer(name)));
  const errors: unknown[] = [];
  for (const [index, outcome] of (await Promise.allSettled(tries)).entries()) {
    if (outcome.status === 'fulfilled' || isHttpError(outcome.reason, 304)) context.print(`${names[index] ?? ''}\n`);
    else errors.push(outcome.reason);
  }
  return failures(context, errors);
}

/** One after the other. Gives the exit code. */
export async function eachInTurn(context: Context, names: readonly string[], work: EachWork): Promise<number> {
  const docker = await context.docker();
  const errors: unknown[] = [];
  for (const name of names) {
    try {
      await work(docker.getContainer(name));
      context.print(`${name}\n`);
    } catch (error) {
      if (!isGantryError(error)) throw error;
      errors.push(error);
    }
  }
  return failures(context, errors);
}
