// Image references taken apart as docker's lists show them.

/** `localhost:5000/a/b:1` is repository and tag; a digest counts as no tag. */
export function splitReference(reference: string): { repository: string; tag: string } {
  const [name = ''] = reference.split('@');
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  if (colon < 0) return { repository: name, tag: reference.includes('@') ? '<none>' : 'latest' };
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}

/** The full form: `docker.io/library/busybox:latest`. No tag is added where `fallback` is "". */
export function canonicalName(reference: string, fallback: string): string {
  const [first = ''] = reference.split('/');
  const hasHost = reference.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  const full = hasHost ? reference : `docker.io/${reference.includes('/') ? '' : 'library/'}${reference}`;
  const named = full.slice(full.lastIndexOf('/') + 1);
  return fallback === '' || /[:@]/.test(named) ? full : `${full}:${fallback}`;
}
