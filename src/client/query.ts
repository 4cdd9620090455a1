// Query strings in docker-modem's way: arrays repeat, objects become JSON, booleans are words, nothing is left out.

/** Values of a query. */
export type QueryValue = string | number | boolean | object | null | undefined;
export type Query = Readonly<Record<string, QueryValue>>;

/** The query string with its `?`, or "" when no value is set. */
export function buildQuery(query: Query | undefined): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null) continue;
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const item of values) parts.push(`${encodeURIComponent(name)}=${encodeURIComponent(text(item))}`);
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function text(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
