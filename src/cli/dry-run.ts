// `--dry-run` of verbs that make no plan: the steps they would take, in the words of plans.
import type { Context } from './context.ts';

/** Prints the steps: `exec lab-web-1: ls`. */
export async function printSteps(context: Context, verb: string, steps: readonly string[]): Promise<void> {
  const { explainPlan } = await import('../project/explain.ts');
  const operations = steps.map((id) => ({ id, cause: `${verb} was asked for`, needs: [] }));
  context.print(explainPlan({ project: await context.projectName(), operations, notices: [] }));
}
