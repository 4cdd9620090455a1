// Runs a seccomp program as the kernel does, for tests: one call in, the verdict out.

/** One system call as struct seccomp_data shows it. */
export interface Call {
  readonly nr: number;
  /** AUDIT_ARCH_*. */
  readonly arch: number;
  readonly args?: readonly bigint[];
}

/** The verdict (SECCOMP_RET_*) of a program. Throws on an instruction the kernel would refuse. */
export function runFilter(program: Buffer, call: Call): number {
  const data = seccompData(call);
  let accumulator = 0;
  for (let pc = 0; pc < program.length / 8; pc += 1) {
    const code = program.readUInt16LE(pc * 8);
    const k = program.readUInt32LE(pc * 8 + 4);
    if (code === 0x06) return k;
    if (code === 0x20) accumulator = data.readUInt32LE(k);
    else if (code === 0x54) accumulator = (accumulator & k) >>> 0;
    else if (code === 0x05) pc += k;
    else pc += program.readUInt8(pc * 8 + (holds(code, accumulator, k) ? 2 : 3));
  }
  throw new Error('the program ran past its end');
}

function holds(code: number, a: number, k: number): boolean {
  if (code === 0x15) return a === k;
  if (code === 0x25) return a > k;
  if (code === 0x35) return a >= k;
  if (code === 0x45) return (a & k) !== 0;
  throw new Error(`unknown instruction ${code.toString(16)}`);
}

function seccompData({ nr, arch, args = [] }: Call): Buffer {
  const data = Buffer.alloc(64);
  data.writeUInt32LE(nr >>> 0, 0);
  data.writeUInt32LE(arch >>> 0, 4);
  for (const [index, value] of args.entries()) data.writeBigUInt64LE(value, 16 + index * 8);
  return data;
}
