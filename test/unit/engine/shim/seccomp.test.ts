import { expect, test } from 'vitest';
import { compileProfile, MAX_INSTRUCTIONS } from '../../../../src/engine/shim/seccomp/compile.ts';
import { DEFAULT_PROFILE } from '../../../../src/engine/shim/seccomp/default-profile.ts';
import { seccompProgram } from '../../../../src/engine/shim/seccomp/filter.ts';
import { syscallNumbers } from '../../../../src/engine/shim/seccomp/numbers.ts';
import { parseProfile } from '../../../../src/engine/shim/seccomp/parse-profile.ts';
import { rulesFor, type Arch, type FilterFacts } from '../../../../src/engine/shim/seccomp/profile.ts';
import { runFilter } from './bpf-machine.ts';

const ALLOW = 0x7fff0000;
const EPERM = 0x00050001;
const ENOSYS = 0x00050026;
const KILL = 0x80000000;
const AUDIT = { x86_64: 0xc000003e, x86: 0x40000003, aarch64: 0xc00000b7, arm: 0x40000028 } as const;
const X32 = 0x40000000;

const facts: FilterFacts = { arch: 'x86_64', caps: ['CHOWN', 'SYS_CHROOT'], kernel: [6, 18] };
const program = compileProfile(DEFAULT_PROFILE, facts);
const nr = (name: string, arch: Arch = 'x86_64'): number => syscallNumbers(arch).get(name) ?? NaN;
const verdict = (name: string, ...args: bigint[]): number =>
  runFilter(program, { nr: nr(name), arch: AUDIT.x86_64, args });

test('every number of every table has the verdict its rules give, arguments aside', () => {
  const tables = [
    ['x86_64', AUDIT.x86_64, 0, program],
    ['x32', AUDIT.x86_64, X32, program],
    ['x86', AUDIT.x86, 0, program],
    ['aarch64', AUDIT.aarch64, 0, compileProfile(DEFAULT_PROFILE, { ...facts, arch: 'aarch64' })],
    ['arm', AUDIT.arm, 0, compileProfile(DEFAULT_PROFILE, { ...facts, arch: 'aarch64' })],
  ] as const;
  for (const [arch, audit, bit, filter] of tables) {
    const rules = rulesFor(DEFAULT_PROFILE, arch, facts);
    const checked = new Set(['personality', 'socket', 'clone', 'clone3']);
    for (const [name, number] of syscallNumbers(arch)) {
      if (checked.has(name)) continue;
      const allowed = rules.some((rule) => rule.names.includes(name));
      expect([arch, name, runFilter(filter, { nr: number + bit, arch: audit })]).toEqual([
        arch,
        name,
        allowed ? ALLOW : EPERM,
      ]);
    }
  }
});

test('calls newer than the tables do not exist, so that a libc falls back', () => {
  for (const number of [470, 1000, 0x3fffffff, X32 + 600]) {
    expect(runFilter(program, { nr: number, arch: AUDIT.x86_64 })).toBe(ENOSYS);
  }
  expect(verdict('clone3')).toBe(ENOSYS);
});

test('a foreign architecture kills', () => {
  expect(runFilter(program, { nr: 0, arch: AUDIT.aarch64 })).toBe(KILL);
});

test.each([
  [0n, ALLOW],
  [8n, ALLOW],
  [0x20008n, ALLOW],
  [0xffffffffn, ALLOW],
  [1n, EPERM],
  [0x40000n, EPERM],
])('personality %s', (value, expected) => expect(verdict('personality', value)).toBe(expected));

test.each([
  [1n, ALLOW],
  [37n, ALLOW],
  [38n, EPERM],
  [39n, ALLOW],
  [40n, EPERM],
  [41n, ALLOW],
  // the kernel takes an int: a high half must not smuggle AF_ALG past the comparison
  [0x1_0000_0026n, EPERM],
  [0x1_0000_0028n, EPERM],
])('socket domain %s', (domain, expected) => expect(verdict('socket', domain)).toBe(expected));

test('clone makes threads and processes, but no namespaces without SYS_ADMIN', () => {
  expect(verdict('clone', 0x3d0f00n)).toBe(ALLOW);
  for (const flag of [0x20000n, 0x2000000n, 0x4000000n, 0x8000000n, 0x10000000n, 0x20000000n, 0x40000000n]) {
    expect(verdict('clone', flag | 17n)).toBe(EPERM);
  }
});

test('a capability brings its calls', () => {
  const admin = compileProfile(DEFAULT_PROFILE, { ...facts, caps: ['SYS_ADMIN'] });
  for (const name of ['mount', 'unshare', 'setns', 'bpf', 'clone3']) {
    expect(verdict(name)).not.toBe(ALLOW);
    expect(runFilter(admin, { nr: nr(name), arch: AUDIT.x86_64 })).toBe(ALLOW);
  }
  expect(runFilter(admin, { nr: nr('clone'), arch: AUDIT.x86_64, args: [0x20000n] })).toBe(ALLOW);
});

test('ptrace needs a kernel that checks the filter again', () => {
  const old = compileProfile(DEFAULT_PROFILE, { ...facts, kernel: [4, 7] });
  expect(runFilter(old, { nr: nr('ptrace'), arch: AUDIT.x86_64 })).toBe(EPERM);
  expect(verdict('ptrace')).toBe(ALLOW);
});

test('no io_uring', () => {
  for (const name of ['io_uring_setup', 'io_uring_enter', 'io_uring_register']) expect(verdict(name)).toBe(EPERM);
});

test('the program fits the kernel and is kept', () => {
  expect(program.length / 8).toBeLessThan(MAX_INSTRUCTIONS);
  expect(seccompProgram('', facts)).toBe(
    seccompProgram('builtin', facts) === undefined ? undefined : seccompProgram('', facts),
  );
  expect(seccompProgram('unconfined', facts)).toBeUndefined();
});

test("a user's profile: 64-bit comparisons, errno, conditions", () => {
  const text = JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [
      { names: ['mkdir'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 },
      { names: ['lseek'], action: 'SCMP_ACT_ERRNO', args: [{ index: 1, value: 4294967296, op: 'SCMP_CMP_GE' }] },
      {
        names: ['dup'],
        action: 'SCMP_ACT_ERRNO',
        args: [{ index: 0, value: 15, valueTwo: 5, op: 'SCMP_CMP_MASKED_EQ' }],
      },
      { names: ['chroot'], action: 'SCMP_ACT_KILL_PROCESS', includes: { caps: ['CAP_SYS_CHROOT'] } },
      { names: ['chown'], action: 'SCMP_ACT_KILL_PROCESS', excludes: { caps: ['CAP_CHOWN'] } },
    ],
  });
  const filter = compileProfile(parseProfile(text), facts);
  const run = (name: string, ...args: bigint[]): number =>
    runFilter(filter, { nr: nr(name), arch: AUDIT.x86_64, args });
  expect(run('mkdir')).toBe(0x0005000d);
  expect(run('lseek', 0n, 0xffffffffn)).toBe(ALLOW);
  expect(run('lseek', 0n, 0x100000000n)).toBe(EPERM);
  expect(run('dup', 0x15n)).toBe(EPERM);
  expect(run('dup', 0x16n)).toBe(ALLOW);
  expect(run('chroot')).toBe(KILL);
  expect(run('chown')).toBe(ALLOW);
});

test.each([
  'no json',
  '[]',
  '{"defaultAction":"SCMP_ACT_TRAP"}',
  '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO","args":[{"index":9,"op":"SCMP_CMP_EQ"}]}]}',
])('a profile that is not understood is refused: %s', (text) =>
  expect(() => parseProfile(text)).toThrow('Decoding seccomp profile failed'),
);
