// Lines of the streams of pull, push, load and build: JSON, one a line, as Docker's clients read them.

const BAR_WIDTH = 50;
const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Content type of such a stream. */
export const PROGRESS_TYPE = 'application/json';

/** One line of a stream. */
export function progressLine(message: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(message)}\r\n`;
}

/** A line that tells how much of something is done; with `progress`, the bar that old clients show. */
export function barLine(
  status: string,
  id: string,
  { current, total }: { readonly current: number; readonly total: number },
): string {
  const progressDetail = { current, total };
  return progressLine({ status, progressDetail, progress: barText(current, total), id });
}

/** The line of a failure that comes after the head was sent. */
export function errorLine(message: string, code?: number): string {
  const errorDetail = code === undefined ? { message } : { code, message };
  return progressLine({ errorDetail, error: message });
}

/** `[=====>      ]  1.5kB/3kB`, as docker's engine draws it for clients that only print. */
function barText(current: number, total: number): string {
  const numbers = sizeText(current).padStart(8);
  if (total <= 0) return numbers;
  const done = Math.min(BAR_WIDTH, Math.floor((current / total) * BAR_WIDTH));
  const box = `[${'='.repeat(done)}>${' '.repeat(BAR_WIDTH - done)}] `;
  return current > total ? box + numbers : `${box}${numbers}/${sizeText(total)}`;
}

/** Four significant digits and a decimal unit, as Go's units.HumanSize. */
function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < UNITS.length - 1; unit += 1) value /= 1000;
  return `${Number(value.toPrecision(4))}${UNITS[unit] ?? ''}`;
}
