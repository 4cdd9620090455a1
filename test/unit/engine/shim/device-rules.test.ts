import { expect, test } from 'vitest';
import {
  DEFAULT_DEVICE_RULES,
  deviceLine,
  deviceProgram,
  parseDeviceRule,
  type DeviceRule,
} from '../../../../src/engine/shim/device-rules.ts';

interface Access {
  readonly type: 'b' | 'c';
  readonly major: number;
  readonly minor: number;
  readonly access: string;
}

/** Runs the few eBPF instructions the program is made of. */
function allows(program: Buffer, { type, major, minor, access }: Access): boolean {
  const bits = access.split('').reduce((mask, letter) => mask | ({ m: 1, r: 2, w: 4 }[letter] ?? 0), 0);
  const context = [(bits << 16) | (type === 'b' ? 1 : 2), major, minor];
  const registers = new Array<number>(10).fill(0);
  const at = (index: number): number => registers[index] ?? 0;
  for (let pc = 0; pc < program.length / 8; pc += 1) {
    const { op, dst, src, off, imm } = instruction(program, pc);
    if (op === 0x95) return at(0) === 1;
    if (op === 0x55) pc += at(dst) === imm ? 0 : off;
    else if (op === 0x5d) pc += at(dst) === at(src) ? 0 : off;
    else registers[dst] = compute(op, { old: at(dst), from: at(src), word: context[off / 4] ?? 0, imm });
  }
  throw new Error('the program ran past its end');
}

function instruction(program: Buffer, pc: number): Record<'op' | 'dst' | 'src' | 'off' | 'imm', number> {
  const registers = program.readUInt8(pc * 8 + 1);
  return {
    op: program.readUInt8(pc * 8),
    dst: registers & 15,
    src: registers >> 4,
    off: program.readInt16LE(pc * 8 + 2),
    imm: program.readInt32LE(pc * 8 + 4),
  };
}

function compute(op: number, { old, from, word, imm }: Record<'old' | 'from' | 'word' | 'imm', number>): number {
  if (op === 0x61) return word;
  if (op === 0x54) return old & imm;
  if (op === 0x74) return old >>> imm;
  if (op === 0xbf) return from;
  if (op === 0xb7) return imm;
  throw new Error(`unknown instruction ${op}`);
}

const run = (rules: readonly DeviceRule[], access: Access): boolean => allows(deviceProgram(rules), access);

test.each([
  [{ type: 'c', major: 1, minor: 3, access: 'rw' }, true],
  [{ type: 'c', major: 1, minor: 1, access: 'r' }, false],
  [{ type: 'c', major: 136, minor: 77, access: 'rw' }, true],
  [{ type: 'b', major: 8, minor: 0, access: 'm' }, true],
  [{ type: 'b', major: 8, minor: 0, access: 'r' }, false],
  [{ type: 'b', major: 8, minor: 0, access: 'rm' }, false],
  [{ type: 'c', major: 10, minor: 229, access: 'rw' }, false],
] satisfies [Access, boolean][])('default rules: %j is %s', (access, expected) => {
  expect(run(DEFAULT_DEVICE_RULES, access)).toBe(expected);
});

test('a rule of the user adds, and only what it says', () => {
  const rules = [...DEFAULT_DEVICE_RULES, parseDeviceRule('b 8:* r')];
  expect(run(rules, { type: 'b', major: 8, minor: 5, access: 'r' })).toBe(true);
  expect(run(rules, { type: 'b', major: 8, minor: 5, access: 'w' })).toBe(false);
  expect(
    run([...DEFAULT_DEVICE_RULES, parseDeviceRule('a *:* rwm')], { type: 'b', major: 8, minor: 5, access: 'rwm' }),
  ).toBe(true);
});

test('lines of version 1', () => {
  expect(DEFAULT_DEVICE_RULES.slice(0, 4).map(deviceLine)).toEqual(['a', 'c *:* m', 'b *:* m', 'c 1:3 rwm']);
  expect(deviceLine(parseDeviceRule('c 10:200 rwm'))).toBe('c 10:200 rwm');
});

test.each(['', 'x 1:3 rwm', 'c 1 rwm', 'c 1:3 rwx', 'c 1:3 rwm; a'])('%j is no rule', (text) => {
  expect(() => parseDeviceRule(text)).toThrow('invalid device cgroup rule');
});
