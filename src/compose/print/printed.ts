// Data on its way to the printer. Maps keep the order of their keys, which objects do not for keys such as "80".

/** A printable value. */
export type Printed = string | number | boolean | null | readonly Printed[] | ReadonlyMap<string, Printed>;

/** True for a mapping. */
export function isMap(value: Printed | undefined): value is ReadonlyMap<string, Printed> {
  return value instanceof Map;
}

/** True for a sequence. */
export function isList(value: Printed): value is readonly Printed[] {
  return Array.isArray(value);
}
