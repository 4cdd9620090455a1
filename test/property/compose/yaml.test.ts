// Our reader of YAML against the package yaml: whatever that one writes, in any of its styles, is read as what it was.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify, type ToStringOptions } from 'yaml';
import { bindTree } from '../../../src/compose/bind/bind.ts';
import { createProblems } from '../../../src/compose/problems.ts';
import { parseYaml } from '../../../src/compose/yaml/parse.ts';

/** Of blocks that begin with a blank the package says otherwise how far they are indented than go-yaml reads it. */
const text = fc
  .oneof(
    fc.string({ maxLength: 20 }),
    fc.string({
      unit: fc.constantFrom('a', ' ', '\n', ':', '#', '"', "'", '-', '{', ']', ',', '\\', '%', '@', 'é'),
      maxLength: 12,
    }),
    fc.constantFrom('yes', 'null', '~', '1', '1e3', '2020-01-01', '<<', '--- a', '? b', '| c'),
  )
  .filter((one) => !/^[ \n][^]*\n|^\n/.test(one));
const scalar = fc.oneof(text, fc.boolean(), fc.integer(), fc.constant(null));
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      text.filter((key) => !['', '__proto__', '<<'].includes(key)),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
}));
const quotes = fc.constantFrom('QUOTE_DOUBLE', 'QUOTE_SINGLE');
const layout = {
  indent: fc.integer({ min: 2, max: 6 }),
  lineWidth: fc.constantFrom(0, 80),
  indentSeq: fc.boolean(),
};
/** In flow style all is quoted: docker compose's reader takes `?` and `:` for signs there that are none to the package. */
const style: fc.Arbitrary<ToStringOptions> = fc.oneof(
  fc.record({ ...layout, defaultStringType: fc.oneof(fc.constant('PLAIN'), quotes) }),
  fc.record({
    ...layout,
    collectionStyle: fc.constant('flow'),
    defaultStringType: quotes,
    defaultKeyType: quotes,
  }),
);

describe('the reader of YAML', () => {
  it('reads what the package yaml writes', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          text.filter((key) => /^[a-z]/.test(key)),
          value,
          { maxKeys: 4 },
        ),
        style,
        (data, how) => {
          const problems = createProblems();
          const [parsed] = parseYaml({ path: 'x', text: stringify(data, { ...how, version: '1.1' }) }, problems);
          expect(problems.all()).toEqual([]);
          expect(parsed && bindTree(parsed, { kind: 'any' })).toEqual(data);
        },
      ),
    );
  });
});
