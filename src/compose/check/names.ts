// Names that must differ between services.
import type { Problems } from '../problems.ts';
import { entriesOf, get, stringOf, type Tree } from '../tree.ts';

/** Warns of a container name that two services have: such a model can be printed, but not run. */
export function checkNames(model: Tree, problems: Problems): void {
  const seen = new Map<string, { service: string; at: Tree }>();
  for (const [service, { value }] of entriesOf(get(model, 'services'))) {
    const at = get(value, 'container_name');
    const name = stringOf(at);
    if (!at || name === undefined || name === '') continue;
    const other = seen.get(name);
    if (other) {
      const related = [{ message: `${other.service} has it`, origin: other.at.origin }];
      problems.warn(
        'compose/conflict',
        `services.${service} has the container_name "${name}" of ${other.service}`,
        at.origin,
        { related, hint: 'only one of them can run' },
      );
    } else seen.set(name, { service, at });
  }
}
