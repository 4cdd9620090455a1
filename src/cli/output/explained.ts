// Prints where values of a project came from: one block for each, its place first, then the variables in it, what
// brought it there, and what it took the place of.
import type { Explained, ExplainedPlace, ExplainedVariable } from '../../compose/explain.ts';

/** The text of some explanations. */
export function formatExplained(all: readonly Explained[]): string {
  return all.map(formatOne).join('');
}

/** The document for programs: places as in `config --format json -q`, and the text of their line. */
export function explainedJson(all: readonly Explained[]): string {
  const values = all.map(({ place, through, variables, overridden, ...one }) => ({
    ...one,
    place: flat(place),
    through: through.map((passage) => ({ by: passage.by, place: flat(passage.place) })),
    variables: variables.map(({ place: at, ...variable }) => ({ ...variable, ...(at && { place: flat(at) }) })),
    overridden: overridden.map(flat),
  }));
  return `${JSON.stringify({ values }, undefined, 2)}\n`;
}

const flat = ({ range: { file, line, column, length }, line: text }: ExplainedPlace): object => ({
  file,
  line,
  column,
  endLine: line,
  endColumn: column + length,
  text,
});

function formatOne(one: Explained): string {
  const lines = [
    `${one.path} = ${JSON.stringify(one.value)}`,
    `  ${one.implied ? 'follows from' : 'from'} ${formatPlace(one.place)}`,
    ...one.variables.map((variable) => `    ${formatVariable(variable)}`),
    ...one.through.map(({ by, place }) => `  by ${WORDS[by]} at ${formatPlace(place)}`),
    ...one.overridden.map((place) => `  in place of ${formatPlace(place)}`),
  ];
  return `${lines.join('\n')}\n`;
}

const WORDS: Readonly<Record<Explained['through'][number]['by'], string>> = {
  alias: 'the alias',
  'merge key': 'the merge key',
  extends: 'extends',
  include: 'include',
  env_file: 'env_file',
  label_file: 'label_file',
};

function formatVariable({ name, value, from, place }: ExplainedVariable): string {
  if (value === undefined) return `${name} is not set`;
  const shown = `${name} is ${JSON.stringify(value)}`;
  if (place) return `${shown}, set at ${formatPlace(place)}`;
  if (from === 'default') return `${name} is not set: the expression gives ${JSON.stringify(value)}`;
  return `${shown}, ${from === 'project' ? 'the name of the project' : 'from the environment'}`;
}

const formatPlace = ({ range, line }: ExplainedPlace): string => `${range.file}:${range.line}:${range.column}: ${line}`;
