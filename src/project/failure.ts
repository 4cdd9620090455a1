// One error from a run that failed: the root cause first, what was skipped for it, the container's last words, what to do.
import { GantryError, isGantryError, messageOf } from '../base/error.ts';
import type { ErrorCode } from '../base/codes.ts';
import type { Docker } from '../client/docker.ts';
import { lastLines } from './last-lines.ts';
import type { Action, Operation } from './plan.ts';
import { subjectOf } from './progress.ts';
import type { GraphOutcome } from './run-graph.ts';

/** The error of a run; undefined when it went well. */
export async function failureOf(
  outcome: GraphOutcome<Operation>,
  options: { readonly docker: Docker; readonly signal?: AbortSignal | undefined },
): Promise<GantryError | undefined> {
  const [root] = outcome.failed.filter(({ error }) => !isGantryError(error, 'base/aborted'));
  if (root === undefined) {
    if (outcome.failed.length === 0 && outcome.skipped.length === 0) return undefined;
    return new GantryError('cli/interrupted', 'interrupted', { cause: options.signal?.reason });
  }
  const dependency = isGantryError(root.error, 'project/dependency-failed');
  const words = dependency ? await wordsOfContainer(options.docker, root.task) : wordsOfBuild(root.error);
  const code = dependency
    ? 'project/dependency-failed'
    : (FAILURES[root.task.action.kind] ?? 'project/operation-failed');
  return new GantryError(code, headline(root.task, root.error), {
    cause: root.error,
    hint: hintFor(root.task, root.error),
    details: { lastLines: words, skipped: skippedNames(outcome), operation: root.task.id },
  });
}

/** Failures with a code of their own. */
const FAILURES: Readonly<Partial<Record<Action['kind'], ErrorCode>>> = { build: 'project/build-failed' };

function wordsOfBuild(error: unknown): readonly string[] {
  const words = isGantryError(error, 'project/build-failed') ? error.details['lastLines'] : undefined;
  return Array.isArray(words) ? words.map(String) : [];
}

function headline(operation: Operation, error: unknown): string {
  const message = messageOf(error);
  if (operation.action.kind === 'wait') return `dependency failed to start: ${message}`;
  const { service } = operation;
  const what = service === '' ? subjectOf(operation) : `service "${service}"`;
  const { action } = operation;
  const done = action.kind === 'pull' ? `pull ${action.image}` : action.kind.replace('-', ' ');
  return `${what}: cannot ${done}: ${message}`;
}

function hintFor(operation: Operation, error: unknown): string {
  if (isGantryError(error) && error.hint !== undefined) return error.hint;
  if (operation.action.kind === 'wait') return `gantry logs ${operation.service}`;
  if (/port is already allocated|address already in use/.test(messageOf(error))) {
    return `stop what uses the port, or publish another one for service "${operation.service}"`;
  }
  return 'mend the cause and run the command again';
}

function skippedNames(outcome: GraphOutcome<Operation>): readonly string[] {
  return outcome.skipped.filter(({ action }) => action.kind === 'start').map(subjectOf);
}

async function wordsOfContainer(docker: Docker, operation: Operation): Promise<readonly string[]> {
  return 'container' in operation.action ? await lastLines(docker, operation.action.container) : [];
}
