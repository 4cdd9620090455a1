// A plan in words: each step, why it is there, and what it waits for.
import type { Operation, Plan } from './plan.ts';

/** What is told of a plan. */
export interface ExplainedPlan extends Pick<Plan, 'project' | 'notices'> {
  readonly operations: readonly Step[];
}

type Step = Pick<Operation, 'id' | 'cause' | 'needs'>;

/** One line for each operation, in order; one line that says so when there is nothing to do. */
export function explainPlan(plan: ExplainedPlan): string {
  const warnings = plan.notices
    .filter((notice) => notice.warning === true)
    .map((notice) => `# ${`${notice.id} ${notice.text}`.trim()}\n`);
  if (plan.operations.length === 0)
    return `${warnings.join('')}nothing to do: project "${plan.project}" is up to date\n`;
  const numbers = new Map(plan.operations.map((operation, index) => [operation.id, index + 1]));
  const digits = String(plan.operations.length).length;
  const width = Math.max(...plan.operations.map((operation) => operation.id.length));
  const lines = plan.operations.map((operation, index) => {
    const number = String(index + 1).padStart(digits);
    return `${number}. ${operation.id.padEnd(width)}  ${operation.cause}${afterText(operation, numbers)}\n`;
  });
  return `${warnings.join('')}${lines.join('')}`;
}

function afterText(operation: Step, numbers: ReadonlyMap<string, number>): string {
  const before = operation.needs.map((id) => numbers.get(id) ?? 0).sort((a, b) => a - b);
  return before.length === 0 ? '' : `  (after ${before.join(', ')})`;
}
