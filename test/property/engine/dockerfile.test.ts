// Laws of the Dockerfile language: any text gives instructions or our error; what is printed reads back the same.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GantryError } from '../../../src/base/error.ts';
import { expandWord } from '../../../src/engine/build/dockerfile/expand.ts';
import { parseDockerfile, type Instruction } from '../../../src/engine/build/dockerfile/parse.ts';

const FRAGMENTS = [
  'FROM a',
  'RUN ',
  'COPY --from=x ',
  'ENV ',
  'ONBUILD ',
  '<<EOF',
  'EOF',
  '\n',
  '\\\n',
  '\r\n',
  '# escape=`',
  '`\n',
  '["',
  '"]',
  '$',
  '${',
  '}',
  '"',
  "'",
  ' ',
  '\t',
  'HEALTHCHECK ',
  '--',
  '=',
  '\uFEFF',
  '#',
  'x',
  '/',
  '%',
];
const source = fc.array(fc.oneof(fc.constantFrom(...FRAGMENTS), fc.string({ maxLength: 8 })), { maxLength: 40 });

it('any text is instructions or our error', () => {
  fc.assert(
    fc.property(source, fc.boolean(), (parts, hasFrom) => {
      const text = (hasFrom ? 'FROM a\n' : '') + parts.join('');
      try {
        const { instructions } = parseDockerfile(text, { name: 'Dockerfile' });
        const lines = text.split('\n').length;
        for (const { line, endLine } of instructions)
          expect(line >= 1 && line <= endLine && endLine <= lines).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(GantryError);
      }
    }),
    { numRuns: 500 },
  );
});

it('any word expands or is our error', () => {
  fc.assert(
    fc.property(source, (parts) => {
      try {
        expect(
          typeof expandWord(parts.join(''), { lookup: (name) => (name === 'x' ? 'v/w' : undefined), escape: '\\' }),
        ).toBe('string');
      } catch (error) {
        expect(error).toBeInstanceOf(GantryError);
      }
    }),
    { numRuns: 500 },
  );
});

const plain = fc.stringMatching(/^[a-zA-Z0-9/_.:@%+,]{1,12}$/);
const text = fc.array(plain, { minLength: 1, maxLength: 5 }).map((words) => words.join(' '));
const quoted = fc.string({ maxLength: 12 }).filter((value) => !/[\r\n\u2028\u2029]/.test(value));
const json = fc.array(quoted, { minLength: 2, maxLength: 4 });

const instruction: fc.Arbitrary<Pick<Instruction, 'keyword' | 'form' | 'args'>> = fc.oneof(
  fc
    .tuple(fc.constantFrom('RUN', 'CMD', 'ENTRYPOINT', 'WORKDIR', 'USER', 'STOPSIGNAL', 'MAINTAINER'), text)
    .map(([keyword, arg]) => ({ keyword, form: 'text' as const, args: [arg] })),
  fc
    .tuple(fc.constantFrom('RUN', 'CMD', 'ENTRYPOINT', 'SHELL', 'COPY', 'ADD'), json)
    .map(([keyword, args]) => ({ keyword, form: 'json' as const, args })),
  fc
    .tuple(fc.constantFrom('EXPOSE', 'VOLUME', 'COPY', 'ADD'), fc.array(plain, { minLength: 2, maxLength: 4 }))
    .map(([keyword, args]) => ({ keyword, form: 'words' as const, args })),
  fc
    .tuple(
      fc.constantFrom('ENV', 'LABEL'),
      fc.array(fc.tuple(fc.stringMatching(/^[A-Z_]{1,6}$/), plain), { minLength: 1, maxLength: 4 }),
    )
    .map(([keyword, pairs]) => ({ keyword, form: 'words' as const, args: pairs.flat() })),
);

function print({ keyword, form, args }: Pick<Instruction, 'keyword' | 'form' | 'args'>): string {
  if (form === 'json') return `${keyword} ${JSON.stringify(args)}`;
  if (keyword !== 'ENV' && keyword !== 'LABEL') return `${keyword} ${args.join(' ')}`;
  return `${keyword} ${args.map((arg, index) => (index % 2 === 0 ? `${arg}=` : `${arg} `)).join('')}`;
}

/** Breaks lines at single blanks between plain words, with a comment between. */
const broken = (line: string): string => line.replaceAll(' ', ' \\\n# between\n');

it('what is printed reads back the same, however its lines are broken', () => {
  fc.assert(
    fc.property(fc.array(instruction, { maxLength: 8 }), fc.boolean(), (list, isBroken) => {
      const lines = list.map((item) => (isBroken && item.form !== 'json' ? broken(print(item).trim()) : print(item)));
      const read = parseDockerfile(['FROM a', ...lines].join('\n'), { name: 'Dockerfile' });
      expect(read.instructions.slice(1).map(({ keyword, form, args }) => ({ keyword, form, args }))).toEqual(list);
    }),
  );
});
