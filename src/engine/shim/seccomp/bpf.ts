// Classic BPF as seccomp runs it: the few instructions a filter needs, and jumps of any length.

/** One struct sock_filter. */
export interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/** Comparisons of the accumulator with a constant. */
export type Comparison = 'eq' | 'gt' | 'ge' | 'set';

const LOAD = 0x20;
const AND = 0x54;
const RETURN = 0x06;
const ALWAYS = 0x05;
const JUMPS: Readonly<Record<Comparison, number>> = { eq: 0x15, gt: 0x25, ge: 0x35, set: 0x45 };
const MAX_SHORT_JUMP = 255;

const plain = (code: number, k: number): Instruction => ({ code, jt: 0, jf: 0, k: k >>> 0 });

/** Loads the 32-bit word at a byte offset of struct seccomp_data. */
export const load = (offset: number): Instruction => plain(LOAD, offset);
/** Masks the accumulator. */
export const and = (mask: number): Instruction => plain(AND, mask);
/** Ends the filter with a verdict. */
export const give = (verdict: number): Instruction => plain(RETURN, verdict);

/** `yes` when the comparison holds, else `no`; both must end by themselves. */
export function branch(
  test: { readonly op: Comparison; readonly k: number },
  yes: readonly Instruction[],
  no: readonly Instruction[],
): readonly Instruction[] {
  const jump = { code: JUMPS[test.op], k: test.k >>> 0 };
  if (no.length <= MAX_SHORT_JUMP) return [{ ...jump, jt: no.length, jf: 0 }, ...no, ...yes];
  return [{ ...jump, jt: 0, jf: 1 }, plain(ALWAYS, no.length), ...no, ...yes];
}

/** The program as the kernel reads it: 8 bytes an instruction, in this machine's byte order (little endian on both). */
export function assemble(program: readonly Instruction[]): Buffer {
  const out = Buffer.alloc(program.length * 8);
  for (const [index, { code, jt, jf, k }] of program.entries()) {
    out.writeUInt16LE(code, index * 8);
    out.writeUInt8(jt, index * 8 + 2);
    out.writeUInt8(jf, index * 8 + 3);
    out.writeUInt32LE(k, index * 8 + 4);
  }
  return out;
}
