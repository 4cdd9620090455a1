// Device numbers as stat(2) has them. Looks at nothing itself.

/** Linux' encoding: low 8 bits of the minor, 12 of the major, then the rest of the minor and of the major. */
export function deviceNumber(rdev: bigint): { readonly major: number; readonly minor: number } {
  return {
    major: Number(((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn)),
    minor: Number((rdev & 0xffn) | ((rdev >> 12n) & 0xfff00n)),
  };
}
