// Which devices a container may use: Docker's default list and what is added, as lines for version 1 and as a BPF
// program for version 2 (last match wins, so rules are tried from the last to the first).
import { GantryError } from '../../base/error.ts';

/** One permission. -1 = any number. */
export interface DeviceRule {
  readonly type: 'a' | 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  /** Some of `rwm`. */
  readonly access: string;
  readonly allow: boolean;
}

const allow = (type: 'b' | 'c', major: number, minor: number, access: string): DeviceRule => ({
  ...{ type, major, minor, access },
  allow: true,
});

/** What every unprivileged container has: making nodes, the six basic devices, terminals. */
export const DEFAULT_DEVICE_RULES: readonly DeviceRule[] = [
  { type: 'a', major: -1, minor: -1, access: 'rwm', allow: false },
  allow('c', -1, -1, 'm'),
  allow('b', -1, -1, 'm'),
  ...[3, 5, 7, 8, 9].map((minor) => allow('c', 1, minor, 'rwm')),
  ...[0, 1, 2].map((minor) => allow('c', 5, minor, 'rwm')),
  allow('c', 136, -1, 'rwm'),
];

/** A line of `device_cgroup_rules`: `c 1:3 rwm`, `a *:* rwm`. Throws engine/bad-parameter. */
export function parseDeviceRule(text: string): DeviceRule {
  const match = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(text);
  if (match === null) throw new GantryError('engine/bad-parameter', `invalid device cgroup rule format: '${text}'`);
  const number = (part: string | undefined): number => (part === '*' || part === undefined ? -1 : Number(part));
  const type = match[1] as DeviceRule['type'];
  return { type, major: number(match[2]), minor: number(match[3]), access: match[4] ?? '', allow: true };
}

/** The line of devices.allow or devices.deny (version 1). */
export function deviceLine(rule: DeviceRule): string {
  if (rule.type === 'a') return 'a';
  const part = (value: number): string => (value < 0 ? '*' : String(value));
  return `${rule.type} ${part(rule.major)}:${part(rule.minor)} ${rule.access}`;
}

const OP = {
  loadWord: 0x61,
  and: 0x54,
  shiftRight: 0x74,
  move: 0xbf,
  moveConst: 0xb7,
  exit: 0x95,
  jumpNotEqual: 0x55,
  jumpNotEqualReg: 0x5d,
};
const TYPES = { b: 1, c: 2 } as const;
const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
/** Registers: r2 type, r3 access, r4 major, r5 minor, r1 the context and then scratch. */
const R = { result: 0, context: 1, type: 2, access: 3, major: 4, minor: 5 };

interface Insn {
  readonly op: number;
  readonly dst: number;
  readonly src?: number;
  readonly off?: number;
  readonly imm?: number;
}

/** The program (struct bpf_insn[]) for BPF_PROG_TYPE_CGROUP_DEVICE. */
export function deviceProgram(rules: readonly DeviceRule[]): Buffer {
  const head: readonly Insn[] = [
    { op: OP.loadWord, dst: R.type, src: R.context, off: 0 },
    { op: OP.loadWord, dst: R.access, src: R.context, off: 0 },
    { op: OP.and, dst: R.type, imm: 0xffff },
    { op: OP.shiftRight, dst: R.access, imm: 16 },
    { op: OP.loadWord, dst: R.major, src: R.context, off: 4 },
    { op: OP.loadWord, dst: R.minor, src: R.context, off: 8 },
  ];
  const body = [...rules].reverse().flatMap(ruleInstructions);
  return assemble([...head, ...body, ...verdict(0)]);
}

function ruleInstructions(rule: DeviceRule): readonly Insn[] {
  const end = verdict(rule.allow ? 1 : 0);
  const mask = rule.access.split('').reduce((bits, letter) => bits | (ACCESS[letter] ?? 0), 0);
  const tests: Insn[] = [];
  if (rule.type !== 'a') tests.push({ op: OP.jumpNotEqual, dst: R.type, imm: TYPES[rule.type] });
  if (mask !== 7) {
    tests.push({ op: OP.move, dst: R.context, src: R.access }, { op: OP.and, dst: R.context, imm: mask });
    tests.push({ op: OP.jumpNotEqualReg, dst: R.context, src: R.access });
  }
  if (rule.major >= 0) tests.push({ op: OP.jumpNotEqual, dst: R.major, imm: rule.major });
  if (rule.minor >= 0) tests.push({ op: OP.jumpNotEqual, dst: R.minor, imm: rule.minor });
  const length = tests.length + end.length;
  const isJump = (op: number): boolean => op === OP.jumpNotEqual || op === OP.jumpNotEqualReg;
  return [...tests.map((test, at) => (isJump(test.op) ? { ...test, off: length - at - 1 } : test)), ...end];
}

function verdict(value: 0 | 1): readonly Insn[] {
  return [
    { op: OP.moveConst, dst: R.result, imm: value },
    { op: OP.exit, dst: 0 },
  ];
}

function assemble(program: readonly Insn[]): Buffer {
  const out = Buffer.alloc(program.length * 8);
  for (const [index, insn] of program.entries()) {
    out.writeUInt8(insn.op, index * 8);
    out.writeUInt8(insn.dst | ((insn.src ?? 0) << 4), index * 8 + 1);
    out.writeInt16LE(insn.off ?? 0, index * 8 + 2);
    out.writeInt32LE(insn.imm ?? 0, index * 8 + 4);
  }
  return out;
}
