// JSON as Go prints it: `<`, `>` and `&` escaped. For output that scripts compare byte by byte.

/** One line of JSON. */
export function goJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[<>&]/g,
    (char) => `\\u00${char.charCodeAt(0).toString(16)}`,
  );
}
