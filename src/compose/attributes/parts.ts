// Shapes that several attributes share.
import { assignments, extraHosts, keyValues, labels as labelsCanon, once, stringOrList } from '../canonical/lists.ts';
import { namesToNull, noLimit } from '../canonical/services.ts';
import {
  any,
  anyScalar,
  boolean,
  dict,
  integer,
  kept,
  keptInYaml,
  list,
  mode,
  object,
  string,
  stringOrNumber,
  union,
  unique,
} from './shape.ts';
import type { ObjectShape, ScalarShape, Shape } from './shape.ts';

/** What a name of a service, network, volume, secret or config may look like. */
export const ELEMENT_NAME = /^[a-zA-Z0-9._-]+$/;

/** A mapping, or a list of `KEY=value`; a bare KEY is null. */
export const keyValue = (): Shape => union([dict(anyScalar()), unique(string())], keyValues);
/** A mapping, or a list of `KEY=value`; a bare KEY is empty. */
export const labels = (): Shape => union([dict(anyScalar()), unique(string())], labelsCanon);
/** As `keyValue`, where no other file can give the same item again. */
export const keyValueOnce = (): Shape => union([dict(anyScalar()), unique(string())], once(keyValues));
/** As `labels`, where no other file can give the same item again. */
export const labelsOnce = (): Shape => union([dict(anyScalar()), unique(string())], once(labelsCanon));
/** A mapping, or a list of `KEY=value`. */
export const contexts = (): Shape => union([dict(anyScalar()), unique(string())], assignments);
/** A list of strings, or one. */
export const strings = (): Shape => union([string(), unique(string())], stringOrList);
/** A list of names, or a mapping of names. */
export const named = (value: Shape): Shape =>
  union([unique(string()), dict(value, { keys: ELEMENT_NAME })], namesToNull);
/** Host names and addresses. */
export const hosts = (): Shape => ({
  ...union([dict(union([string(), list(string())])), unique(string())], extraHosts),
  print: 'hosts',
});
/** Options of a driver. */
export const driverOptions = (): Shape => dict(stringOrNumber());
/** Limits by name. */
export const ulimits = (one: Shape = integer()): Shape =>
  dict(
    union(
      [one, object({ soft: keptInYaml(integer()), hard: keptInYaml(integer()) }, { required: ['soft', 'hard'] })],
      noLimit,
    ),
  );
/** `external`, also in its old form with a name. Secrets and configs let other keys through. */
export const external = (more: Partial<ObjectShape> = {}): Shape =>
  union([boolean(), object({ name: string() }, more)]);

/** Use of a secret or config. */
export const fileReference = (): ObjectShape =>
  object({ source: string(), target: string(), uid: string(), gid: string(), mode: kept(mode()) });

/** Devices asked from a driver. */
export const deviceRequest = (count: ScalarShape, more: Partial<ObjectShape> = {}): ObjectShape =>
  object(
    {
      capabilities: unique(string()),
      driver: string(),
      count,
      device_ids: unique(string()),
      options: labelsOnce(),
    },
    more,
  );

/** Anything under any key. */
export const anything = any;
