// Image references taken apart as docker's lists show them.

/** `localhost:5000/a/b:1` is repository and tag; a digest counts as no tag. */
export function splitReference(reference: string): { repository: string; tag: string } {
  const [name = ''] = reference.split('@');
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1);
  if (colon < 0) return { repository: name, tag: reference.includes('@') ? '<none>' : 'latest' };
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) };
}
