// Makes a seccomp program from a profile: architecture first, then a binary search over ranges of system call numbers,
// argument checks in the leaves. The kernel runs the path for every number when it loads a filter, so depth is load time.
import { and, assemble, branch, give, load, type Instruction } from './bpf.ts';
import { syscallNumbers } from './numbers.ts';
import { rulesFor, type Action, type Arch, type ArgCheck, type FilterFacts, type Profile } from './profile.ts';

/** Longest program the kernel takes (BPF_MAXINSNS). */
export const MAX_INSTRUCTIONS = 4096;

/** What becomes of one call: the first alternative whose checks hold; `last` when none does. */
interface Verdict {
  readonly choices: readonly { readonly args: readonly ArgCheck[]; readonly action: number }[];
  readonly last: number;
}

/** Calls from `first` up to the next range. */
interface Range {
  readonly first: number;
  readonly verdict: Verdict;
}

const RET = { allow: 0x7fff_0000, log: 0x7ffc_0000, killProcess: 0x8000_0000, killThread: 0 } as const;
const RET_ERRNO = 0x0005_0000;
const ENOSYS = 38;
const OFFSET_ARCH = 4;
/** Calls of x32 come as x86_64 with this bit. */
const X32_BIT = 0x4000_0000;
/** Numbers from here on are an architecture's private ones (arm: 0xf0001…), far from the common table. */
const PRIVATE_NUMBERS = 0x1000;

const AUDIT_ARCH = { x86_64: 0xc000_003e, x86: 0x4000_0003, aarch64: 0xc000_00b7, arm: 0x4000_0028 } as const;
const SECTIONS = {
  x86_64: [
    {
      audit: AUDIT_ARCH.x86_64,
      tables: [
        ['x86_64', 0],
        ['x32', X32_BIT],
      ],
    },
    { audit: AUDIT_ARCH.x86, tables: [['x86', 0]] },
  ],
  aarch64: [
    { audit: AUDIT_ARCH.aarch64, tables: [['aarch64', 0]] },
    { audit: AUDIT_ARCH.arm, tables: [['arm', 0]] },
  ],
} as const satisfies Record<FilterFacts['arch'], unknown>;

/** The program (struct sock_filter[]) of a profile for a container. Calls of a foreign architecture kill the process. */
export function compileProfile(profile: Profile, facts: FilterFacts): Buffer {
  const sections = SECTIONS[facts.arch];
  const foreign: readonly Instruction[] = [give(RET.killProcess)];
  const body = sections.reduceRight<readonly Instruction[]>((rest, section) => {
    const ranges = section.tables.flatMap(([arch, bit]) => rangesOf(profile, { arch, bit, facts }));
    return branch({ op: 'eq', k: section.audit }, [load(0), ...search(merge(ranges))], rest);
  }, foreign);
  return assemble([load(OFFSET_ARCH), ...body]);
}

/** Ranges of one table, ascending; above its largest number ENOSYS, so that newer libcs fall back. */
function rangesOf(profile: Profile, table: { arch: Arch; bit: number; facts: FilterFacts }): Range[] {
  const verdicts = verdictsByNumber(profile, table.arch, table.facts);
  const known = [...syscallNumbers(table.arch).values()].sort((a, b) => a - b);
  const end = Math.max(...known.filter((number) => number < PRIVATE_NUMBERS));
  const unknown: Verdict = { choices: [], last: RET_ERRNO | ENOSYS };
  const denied: Verdict = { choices: [], last: returnValue(profile.defaultAction) };
  const at = (number: number): Verdict => verdicts.get(number) ?? denied;
  const common = Array.from({ length: end + 1 }, (_, number) => ({ first: number + table.bit, verdict: at(number) }));
  const own = known
    .filter((number) => number > end)
    .flatMap((number) => [
      { first: number + table.bit, verdict: at(number) },
      { first: number + 1 + table.bit, verdict: unknown },
    ]);
  return [...common, { first: end + 1 + table.bit, verdict: unknown }, ...own];
}

function verdictsByNumber(profile: Profile, arch: Arch, facts: FilterFacts): ReadonlyMap<number, Verdict> {
  const numbers = syscallNumbers(arch);
  const found = new Map<number, Verdict>();
  const last = returnValue(profile.defaultAction);
  for (const rule of rulesFor(profile, arch, facts)) {
    const choice = { args: rule.args ?? [], action: returnValue(rule.action ?? 'allow') };
    for (const name of rule.names) {
      const number = numbers.get(name);
      if (number !== undefined) found.set(number, addChoice(found.get(number) ?? { choices: [], last }, choice));
    }
  }
  return found;
}

/** A choice without checks decides for good; one with checks comes before it. */
function addChoice(verdict: Verdict, choice: Verdict['choices'][number]): Verdict {
  if (verdict.choices.some((known) => known.args.length === 0)) return verdict;
  return { ...verdict, choices: choice.args.length === 0 ? [choice] : [...verdict.choices, choice] };
}

function merge(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort((a, b) => a.first - b.first);
  const last = new Map(sorted.map((range) => [range.first, range]));
  const unique = [...last.values()];
  return unique.filter((range, index) => index === 0 || key(range.verdict) !== key(unique[index - 1]?.verdict));
}

function key(verdict: Verdict | undefined): string {
  return JSON.stringify(verdict, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

/** Balanced comparisons on the number that is in the accumulator. */
function search(ranges: readonly Range[]): readonly Instruction[] {
  const [only] = ranges;
  if (only === undefined) return [give(RET.killProcess)];
  if (ranges.length === 1) return leaf(only.verdict);
  const middle = ranges.length >> 1;
  const pivot = ranges[middle]?.first ?? 0;
  return branch({ op: 'ge', k: pivot }, search(ranges.slice(middle)), search(ranges.slice(0, middle)));
}

function leaf(verdict: Verdict): readonly Instruction[] {
  return verdict.choices.reduceRight<readonly Instruction[]>(
    (otherwise, choice) => allChecks(choice.args, [give(choice.action)], otherwise),
    [give(verdict.last)],
  );
}

function allChecks(
  args: readonly ArgCheck[],
  yes: readonly Instruction[],
  no: readonly Instruction[],
): readonly Instruction[] {
  return args.reduceRight<readonly Instruction[]>((then, arg) => check(arg, then, no), yes);
}

/** One comparison; 64-bit values are compared high half first. */
function check(arg: ArgCheck, yes: readonly Instruction[], no: readonly Instruction[]): readonly Instruction[] {
  if (arg.op === 'ne') return check({ ...arg, op: 'eq' }, no, yes);
  if (arg.op === 'lt') return check({ ...arg, op: 'ge' }, no, yes);
  if (arg.op === 'le') return check({ ...arg, op: 'gt' }, no, yes);
  const offset = 16 + arg.index * 8;
  const mask = arg.op === 'maskedEq' ? (arg.mask ?? 0n) : 0xffff_ffff_ffff_ffffn;
  const lowWord = compareWord({ offset, mask: low(mask), value: low(arg.value), op: arg.op }, yes, no);
  if (arg.width === 32) return lowWord;
  const high = { offset: offset + 4, mask: low(mask >> 32n), value: low(arg.value >> 32n) };
  if (arg.op === 'eq' || arg.op === 'maskedEq') return compareWord({ ...high, op: 'eq' }, lowWord, no);
  const equalHigh = compareWord({ ...high, op: 'eq' }, lowWord, no);
  return compareWord({ ...high, op: 'gt' }, yes, equalHigh);
}

function compareWord(
  test: { offset: number; mask: number; value: number; op: 'eq' | 'gt' | 'ge' | 'maskedEq' },
  yes: readonly Instruction[],
  no: readonly Instruction[],
): readonly Instruction[] {
  const masking = test.mask === 0xffff_ffff ? [] : [and(test.mask)];
  const op = test.op === 'maskedEq' ? 'eq' : test.op;
  return [load(test.offset), ...masking, ...branch({ op, k: test.value }, yes, no)];
}

function low(value: bigint): number {
  return Number(value & 0xffff_ffffn);
}

function returnValue(action: Action): number {
  return typeof action === 'string' ? RET[action] : RET_ERRNO | (action.errno & 0xffff);
}
