// Fetches an archive from a URL that a client named. Only http and https; the receiver bounds how much is kept.
import { GantryError, messageOf } from '../../base/error.ts';

/** The URL a client means; `http://` is added where there is no scheme, as Docker does. Throws engine/bad-parameter. */
export function archiveUrl(text: string): URL {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  throw new GantryError('engine/bad-parameter', `cannot import from ${text}: only http and https are fetched`);
}

/** The bytes of a URL. Throws engine/not-found when the server has none, engine/unavailable when it cannot be reached. */
export async function download(
  url: URL,
  { signal }: { readonly signal: AbortSignal },
): Promise<AsyncIterable<Uint8Array>> {
  const answer = await fetch(url, { signal }).catch((cause: unknown) => {
    signal.throwIfAborted();
    const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : messageOf(cause);
    throw new GantryError('engine/unavailable', `cannot fetch ${url.href}: ${why}`, { cause });
  });
  if (answer.ok && answer.body !== null) return answer.body;
  throw new GantryError('engine/not-found', `failed to GET ${url.href} with status ${answer.status}`);
}
