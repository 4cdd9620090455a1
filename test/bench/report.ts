// Prints one case: the median of each step per contender, and the first contender's ratio to each other one, paired by round.
import { STEPS, type CaseResult, type StackCase } from './measure.ts';

/** Writes the table of a case to stdout. */
export function printCase(stack: StackCase, results: readonly CaseResult[]): void {
  const title = `${stack.services} services${stack.ports ? ', a port each' : ''}`;
  const [first, ...others] = results;
  if (first === undefined) return;
  console.log(`\n${title} (medians of ${first.memoryKiB.length} rounds)`);
  console.log(
    row(['step', ...results.map((each) => each.name), ...others.map((each) => `${first.name}/${each.name}`)]),
  );
  for (const step of STEPS) {
    const ratios = others.map((other) => ratio(first.timings[step], other.timings[step]));
    console.log(row([step, ...results.map((each) => `${median(each.timings[step]).toFixed(0)} ms`), ...ratios]));
  }
  const ratios = others.map((other) => ratio(first.memoryKiB, other.memoryKiB));
  console.log(
    row(['memory (PSS)', ...results.map((each) => `${(median(each.memoryKiB) / 1024).toFixed(0)} MiB`), ...ratios]),
  );
}

function ratio(ours: readonly number[], theirs: readonly number[]): string {
  const pairs = ours.map((value, index) => value / (theirs[index] ?? Number.NaN));
  const middle = median(pairs);
  return `${middle.toFixed(3)} (1/${(1 / middle).toFixed(1)})`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

function row(cells: readonly string[]): string {
  return cells.map((cell, index) => (index === 0 ? cell.padEnd(16) : cell.padStart(18))).join('');
}
