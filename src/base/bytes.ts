// Sizes as compose files and the docker command line write them: base 1024, any case, `512`, `64k`, `1.5GB`, `10mib`.

const POWERS: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4, p: 5 };
const SIZE = /^(\d+(?:\.\d+)*) ?([kKmMgGtTpP])?[iI]?[bB]?$/;

/** Bytes of a size; undefined when the text is none. Fractions of a byte are cut. */
export function parseBytes(source: string): number | undefined {
  const match = SIZE.exec(source);
  if (!match) return undefined;
  const power = POWERS[(match[2] ?? '').toLowerCase()] ?? 0;
  const value = Number(match[1]) * 1024 ** power;
  return Number.isFinite(value) ? Math.trunc(value) : undefined;
}
