// Which events a client of GET /events wants (API sheet §2.1): keys are AND-ed, values of a key OR-ed, labels AND-ed.
import type { EngineEvent } from '../../api/objects.ts';

/** Filter keys that count, as with dockerd, which lets others be; those of kinds this engine has no events of never match. */
const FILTERS: readonly string[] = [
  'type',
  'event',
  'container',
  'image',
  'label',
  'network',
  'volume',
  'scope',
  'daemon',
  'node',
  'plugin',
  'service',
  'secret',
  'config',
  'builder',
];

type Matcher = (event: EngineEvent, value: string) => boolean;

/** True when the event passes every filter. */
export function passes(event: EngineEvent, filters: ReadonlyMap<string, readonly string[]>): boolean {
  for (const [key, values] of filters) {
    if (values.length === 0 || !FILTERS.includes(key)) continue;
    if (key === 'label') {
      if (!values.every((value) => hasLabel(event, value))) return false;
    } else if (!values.some((value) => matcherOf(key)(event, value))) return false;
  }
  return true;
}

const MATCHERS: Readonly<Record<string, Matcher>> = {
  type: (event, value) => event.Type === value,
  scope: (event, value) => event.scope === value,
  event: isAction,
  image: isImage,
};

function matcherOf(key: string): Matcher {
  return MATCHERS[key] ?? ((event, value) => event.Type === key && isActor(event, value));
}

/** `exec_create: sh -c x` is found by `exec_create`: those actions carry data behind a colon. */
function isAction(event: EngineEvent, value: string): boolean {
  return event.Action === value || event.Action.startsWith(`${value}: `);
}

/** By id, start of the id, or name. */
function isActor(event: EngineEvent, value: string): boolean {
  if (value === '') return false;
  return event.Actor.ID.startsWith(value) || event.Actor.Attributes['name'] === value.replace(/^\//, '');
}

/** Of images themselves, and of containers made from them; a name without a tag means every tag. */
function isImage(event: EngineEvent, value: string): boolean {
  const name = event.Type === 'image' ? event.Actor.Attributes['name'] : event.Actor.Attributes['image'];
  const id = event.Type === 'image' ? event.Actor.ID : undefined;
  return [name, id].some((given) => given !== undefined && (given === value || withoutTag(given) === value));
}

function withoutTag(reference: string): string {
  return reference.replace(/:[^:/]*$/, '');
}

function hasLabel(event: EngineEvent, value: string): boolean {
  const at = value.indexOf('=');
  if (at < 0) return Object.hasOwn(event.Actor.Attributes, value);
  return event.Actor.Attributes[value.slice(0, at)] === value.slice(at + 1);
}
