// Environment files of `format: raw`, as `docker run --env-file` reads them: no quotes, no variables.
import type { Lookup } from '../interpolate/template.ts';

/** The variables of a file; a bare KEY is there only when the lookup knows it. */
export function parseRawEnv(text: string, lookup: Lookup): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const content = line.replace(/\r$/, '').trimStart();
    if (content === '' || content.startsWith('#')) continue;
    const at = content.indexOf('=');
    const key = (at < 0 ? content : content.slice(0, at)).trim();
    const value = at < 0 ? lookup(key) : content.slice(at + 1);
    if (value !== undefined) values.set(key, value);
  }
  return values;
}
