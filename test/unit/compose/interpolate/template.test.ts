// The variable grammar: every operator, nested and lazy.
import { describe, expect, it } from 'vitest';
import { fillTemplate, TemplateError } from '../../../../src/compose/interpolate/template.ts';

const VALUES: Readonly<Record<string, string>> = { A: 'a', EMPTY: '', _x1: 'under', DOLLAR: '$A' };
const fill = (template: string): string => fillTemplate(template, (name) => VALUES[name]).value;

describe('fillTemplate', () => {
  it.each([
    ['plain', 'plain'],
    ['$A', 'a'],
    ['${A}', 'a'],
    ['$A-$A.$_x1', 'a-a.under'],
    ['$Ab', ''],
    ['$$A $${A}', '$A ${A}'],
    ['${NO:-d}|${EMPTY:-d}|${A:-d}', 'd|d|a'],
    ['${NO-d}|${EMPTY-d}|${A-d}', 'd||a'],
    ['${NO:+r}|${EMPTY:+r}|${A:+r}', '||r'],
    ['${NO+r}|${EMPTY+r}|${A+r}', '|r|r'],
    ['${A:?no}|${A?no}|${EMPTY?no}', 'a|a|'],
    ['${NO:-${ALSO:-${A}}}', 'a'],
    ['${NO:-pre${A}post}', 'preapost'],
    ['${NO:-{"k": {}}}', '{"k": {}}'],
    ['${NO:-a:-b}', 'a:-b'],
    ['${NO:-$$}', '$'],
    ['$5 $ $', '$5 $ $'],
    ['${DOLLAR}', '$A'],
    ['é${A}😀', 'éa😀'],
  ])('%s becomes %s', (template, expected) => {
    expect(fill(template)).toBe(expected);
  });

  it.each(['${', '${}', '${ A }', '${A!}', '${a.b}', '${A', '${1}', '${NO:-a\nb}', '${NO:-${}}'])(
    '%j is refused',
    (template) => {
      expect(() => fill(template)).toThrow(TemplateError);
    },
  );

  it.each([
    ['${NO?}', 'required variable NO is missing a value'],
    ['${NO:?set it}', 'required variable NO is missing a value: set it'],
    ['${EMPTY:?}', 'required variable EMPTY is missing a value'],
    ['${NO?see ${A}}', 'required variable NO is missing a value: see a'],
    ['${NO:-${ALSO?deep}}', 'required variable ALSO is missing a value: deep'],
  ])('%s fails with "%s"', (template, message) => {
    expect(() => fill(template)).toThrow(message);
  });

  it('neither warns of nor fails in a branch that is not taken', () => {
    expect(fillTemplate('${A:-${NO?x} $ALSO}', (name) => VALUES[name])).toEqual({
      value: 'a',
      unset: [],
      used: [{ name: 'A' }],
    });
  });

  it('names the variables that have no value', () => {
    expect(fillTemplate('$NO ${ALSO} ${NO:-d}', () => undefined).unset).toEqual(['NO', 'ALSO']);
  });

  it('ends on absurd nesting', () => {
    expect(() => fill('${NO:-'.repeat(5000) + '}'.repeat(5000))).toThrow(TemplateError);
  });
});
