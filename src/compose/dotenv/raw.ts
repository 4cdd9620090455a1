// Environment files of `format: raw`, as `docker run --env-file` reads them: no quotes, no variables.
import type { Lookup } from '../interpolate/template.ts';
import type { EnvFileContent, Stretch } from './parse.ts';

/** The variables of a file; a bare KEY is there only when the lookup knows it. */
export function parseRawEnv(text: string, lookup: Lookup): EnvFileContent {
  const values = new Map<string, string>();
  const places = new Map<string, Stretch>();
  let start = 0;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    const content = line.replace(/\r$/, '').trimStart();
    if (content !== '' && !content.startsWith('#')) {
      const at = content.indexOf('=');
      const key = (at < 0 ? content : content.slice(0, at)).trim();
      const value = at < 0 ? lookup(key) : content.slice(at + 1);
      if (value !== undefined) values.set(key, value);
      places.set(key, { start: end - line.trimStart().length, end });
    }
    start = end + 1;
  }
  return { values, places, unset: [], problems: [] };
}
