// Shapes that several attributes share.
import { extraHosts, keyValues, labels as labelsCanon, stringOrList } from '../canonical/lists.ts';
import { namesToNull, noLimit } from '../canonical/services.ts';
import {
  any,
  anyScalar,
  boolean,
  dict,
  integer,
  kept,
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
export const ulimits = (): Shape =>
  dict(
    union(
      [integer(), object({ soft: kept(integer()), hard: kept(integer()) }, { required: ['soft', 'hard'] })],
      noLimit,
    ),
  );
/** `external`, also in its old form with a name. */
export const external = (): Shape => union([boolean(), object({ name: string() }, { open: true })]);

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
      options: labels(),
    },
    more,
  );

/** Anything under any key. */
export const anything = any;
