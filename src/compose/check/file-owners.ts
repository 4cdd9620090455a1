// Says that a secret or config which is a file of the host keeps its owner and mode, where a service asks for others: it
// is mounted as it is, so that both sides see the same file.
import type { Problems } from '../problems.ts';
import { entriesOf, get, itemsOf, stringOf, type MapTree, type Tree } from '../tree.ts';

const KINDS = ['secrets', 'configs'] as const;
const OWN = ['uid', 'gid', 'mode'] as const;

/** Warns once for each use of such a file. */
export function warnOwners(model: Tree, problems: Problems): void {
  for (const [name, { value: service }] of entriesOf(get(model, 'services'))) {
    for (const kind of KINDS) {
      itemsOf(get(service, kind)).forEach((use, at) => {
        if (use.kind === 'map') warnUse(use, { model, kind, place: `services.${name}.${kind}.${at}` }, problems);
      });
    }
  }
}

interface Place {
  readonly model: Tree;
  readonly kind: (typeof KINDS)[number];
  readonly place: string;
}

function warnUse(use: MapTree, { model, kind, place }: Place, problems: Problems): void {
  const source = stringOf(use.entries.get('source')?.value) ?? '';
  const asked = OWN.filter((key) => use.entries.has(key));
  const first = use.entries.get(asked[0] ?? '');
  if (first === undefined || get(model, kind, source, 'file') === undefined) return;
  const message = `${place}.${asked.join(', ')} ${asked.length === 1 ? 'is' : 'are'} not applied: "${source}" is a file of this machine and keeps its owner and mode`;
  problems.warn('compose/not-applied', message, first.key);
}
