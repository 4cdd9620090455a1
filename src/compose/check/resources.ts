// Rules for one top-level volume, network, secret or config, and for requests of devices.
import type { Problems } from '../problems.ts';
import { entriesOf, get, itemsOf, stringOf, type MapTree, type Tree } from '../tree.ts';

/** Checks the top-level elements of a model. */
export function checkResources(model: Tree, problems: Problems): void {
  for (const [name, { value }] of entriesOf(get(model, 'volumes')))
    if (value.kind === 'map') checkVolume(value, name, problems);
  for (const [kind, sources] of FILE_SOURCES)
    for (const [name, { value }] of entriesOf(get(model, kind)))
      if (value.kind === 'map') checkFileObject(value, `${kind}.${name}`, sources, problems);
  for (const [name, { value }] of entriesOf(get(model, 'services'))) checkDevices(value, name, problems);
}

const FILE_SOURCES = [
  ['configs', ['file', 'environment', 'content']],
  ['secrets', ['file', 'environment']],
] as const;

const isTrue = (tree: Tree | undefined): boolean =>
  tree?.kind === 'scalar' && /^(?:true|yes|y|on)$/i.test(String(tree.value));

function checkVolume(volume: MapTree, name: string, problems: Problems): void {
  if (!isTrue(get(volume, 'external'))) return;
  for (const [key, entry] of volume.entries)
    if (key !== 'name' && key !== 'external' && !key.startsWith('x-'))
      problems.error('compose/conflict', `volumes.${name} is external and cannot have "${key}"`, entry.key, {
        hint: `take "${key}" out: an external volume is used as it is`,
        related: [{ message: 'external here', origin: volume.entries.get('external')?.key ?? volume.origin }],
      });
}

function checkFileObject(object: MapTree, where: string, sources: readonly string[], problems: Problems): void {
  const given = sources.filter((key) => object.entries.has(key));
  // the empty name of a variable names none, for secrets
  const filled = given.filter((key) => !where.startsWith('secrets.') || !isEmptyVariable(key, object));
  const second = given[1] === undefined ? undefined : object.entries.get(given[1]);
  const hint = 'keep one of them';
  const first = given[0] === undefined ? undefined : object.entries.get(given[0]);
  const related = first ? [{ message: 'the other one', origin: first.key }] : [];
  if (second)
    problems.error('compose/conflict', `${where} has more than one of ${sources.join(', ')}`, second.key, {
      hint,
      related,
    });
  if (filled.length > 0 || object.entries.has('driver') || object.entries.has('external')) return;
  const message = `${where} needs one of ${sources.join(', ')}, or "external: true"`;
  problems.error('compose/missing-attribute', message, object.origin, { hint: 'add "file: ./path"' });
}

const isEmptyVariable = (key: string, object: MapTree): boolean =>
  key === 'environment' && stringOf(get(object, key)) === '';

function checkDevices(service: Tree, name: string, problems: Problems): void {
  const requests = [
    ...itemsOf(get(service, 'gpus')),
    ...itemsOf(get(service, 'deploy', 'resources', 'reservations', 'devices')),
  ];
  for (const request of requests)
    if (get(request, 'count') && get(request, 'device_ids'))
      problems.error(
        'compose/conflict',
        `services.${name} asks for devices by count and by device_ids`,
        request.origin,
        { hint: 'keep one' },
      );
}
