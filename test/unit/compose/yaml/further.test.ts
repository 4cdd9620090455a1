// Behind the first fault of syntax the others are told, unless they may follow from it.
import { describe, expect, it } from 'vitest';
import { createProblems } from '../../../../src/compose/problems.ts';
import { tellFurther } from '../../../../src/compose/yaml/further.ts';
import { parseYaml, type Stop } from '../../../../src/compose/yaml/parse.ts';

function faults(text: string): readonly string[] {
  const problems = createProblems();
  const source = { path: 'compose.yaml', text };
  const stops: Stop[] = [];
  parseYaml(source, problems, (stop) => stops.push(stop));
  for (const stop of stops) tellFurther(source, stop, problems);
  return problems.all().map(({ range, message }) => `${range?.line} ${message}`);
}

describe('tellFurther', () => {
  it.each([
    ['nothing when there is one fault', 'a: b: c\nd: e\n', ['1 a value that holds ": " needs quotes']],
    [
      'every value that cannot stand',
      'a: b: c\nd: e\nf: g: h\ni: @j\n',
      [
        '1 a value that holds ": " needs quotes',
        '3 a value that holds ": " needs quotes',
        '4 a value cannot begin with @',
      ],
    ],
    ['nothing behind what is not closed', 'a: "b\nc: @d\ne: f: g\n', ['1 a " opens here and is never closed']],
    ['nothing of what docker compose takes', 'a: b: c\nd: "x\n y"\n', ['1 a value that holds ": " needs quotes']],
  ])('tells %s', (_what, text, told) => {
    expect(faults(text)).toEqual(told);
  });
});
