// Prints where values of a project came from: one block for each, its place first, then what it took the place of.
import type { Explained, ExplainedPlace } from '../../compose/explain.ts';

/** The text of some explanations. */
export function formatExplained(all: readonly Explained[]): string {
  return all.map(formatOne).join('');
}

function formatOne(one: Explained): string {
  const lines = [
    `${one.path} = ${JSON.stringify(one.value)}`,
    `  ${one.implied ? 'follows from' : 'from'} ${formatPlace(one.place)}`,
    ...one.variables.map(
      ({ name, value }) => `    ${name} ${value === undefined ? 'is not set' : `is ${JSON.stringify(value)}`}`,
    ),
    ...one.overridden.map((place) => `  in place of ${formatPlace(place)}`),
  ];
  return `${lines.join('\n')}\n`;
}

const formatPlace = ({ range, line }: ExplainedPlace): string => `${range.file}:${range.line}:${range.column}: ${line}`;
