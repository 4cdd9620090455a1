// The Dockerfile language: texts of errors are those of Docker 26.1, with the line before them where Docker has none.
import { describe, expect, it } from 'vitest';
import { healthcheckOf } from '../../../../src/engine/build/dockerfile/health.ts';
import { runScript } from '../../../../src/engine/build/dockerfile/heredoc.ts';
import { parseDockerfile, type Instruction } from '../../../../src/engine/build/dockerfile/parse.ts';

const parse = (text: string): readonly Instruction[] => parseDockerfile(text, { name: 'Dockerfile' }).instructions;
const second = (line: string): Instruction => parse(`FROM busybox\n${line}`)[1] ?? expect.fail('no instruction');

const REFUSED: readonly (readonly [string, string])[] = [
  ['RUN', 'RUN requires at least one argument'],
  ['COPY a', 'COPY requires at least two arguments, but only one was provided. Destination could not be determined'],
  ['ENV a', 'ENV must have two arguments'],
  ['ENV a=1 b', 'Syntax error - can\'t find = in "b". Must be of the form: name=value'],
  ['ENV =1', 'ENV names can not be blank'],
  ['ENV', 'ENV requires at least one argument'],
  ['LABEL', 'LABEL requires at least one argument'],
  ['ARG', 'ARG requires at least one argument'],
  ['ARG =2', 'ARG names can not be blank'],
  ['EXPOSE', 'EXPOSE requires at least one argument'],
  ['VOLUME', 'VOLUME requires at least one argument'],
  ['VOLUME [""]', 'VOLUME specified can not be an empty string'],
  ['SHELL sh -c', 'SHELL requires the arguments to be in JSON form'],
  ['SHELL []', 'SHELL requires at least one argument'],
  ['WORKDIR', 'WORKDIR requires exactly one argument'],
  ['USER', 'USER requires exactly one argument'],
  ['STOPSIGNAL', 'STOPSIGNAL requires exactly one argument'],
  ['MAINTAINER', 'MAINTAINER requires exactly one argument'],
  ['ONBUILD', 'ONBUILD requires at least one argument'],
  ['ONBUILD ONBUILD RUN x', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
  ['ONBUILD FROM x', "FROM isn't allowed as an ONBUILD trigger"],
  ['ONBUILD FOO x', 'unknown instruction: FOO'],
  ['HEALTHCHECK', 'HEALTHCHECK requires at least one argument'],
  ['HEALTHCHECK NONE x', 'HEALTHCHECK NONE takes no arguments'],
  ['HEALTHCHECK CMD', 'Missing command after HEALTHCHECK CMD'],
  ['HEALTHCHECK FOO x', 'Unknown type "FOO" in HEALTHCHECK (try CMD)'],
  ['HEALTHCHECK --interval=1x CMD a', 'time: invalid duration "1x"'],
  ['HEALTHCHECK --interval=-1s CMD a', 'Interval "interval" cannot be less than 1ms'],
  ['HEALTHCHECK --retries=-1 CMD a', '--retries cannot be negative (-1)'],
  ['HEALTHCHECK --retries=x CMD a', 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['RUN --mount=type=cache,target=/x true', 'the --mount option requires BuildKit, which this builder is not'],
  ['RUN --network=none true', 'the --network option requires BuildKit, which this builder is not'],
  ['RUN --foo=1 true', 'unknown flag: foo'],
  ['COPY --fro=a b c', 'unknown flag: fro (did you mean from?)'],
  ['COPY --from b c', 'missing a value on flag: from'],
  ['COPY --from=a --from=b b c', 'duplicate flag specified: from'],
  ['COPY --link=maybe b c', 'expecting boolean value for flag link, not: maybe'],
  ['COPY --parents b c', 'the --parents option requires BuildKit, which this builder is not'],
  ['COPY a <<EOF\nEOF', 'COPY cannot accept a heredoc as a destination'],
  ['FROM a b', 'FROM requires either one or three arguments'],
  ['FROM busybox AS 1x', 'invalid name for build stage: "1x", name can\'t start with a number or contain symbols'],
  ['CMD ["a", 1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
  ['RUN <<EOF\nfoo', 'unterminated heredoc'],
  ['FRM busybox', 'unknown instruction: FRM (did you mean FROM?)'],
];

describe('what is refused', () => {
  it.each(REFUSED)('%s: %s', (line, message) => {
    expect(() => second(line)).toThrow(
      expect.objectContaining({ message: `dockerfile parse error on line 2: ${message}` }),
    );
  });

  it.each([
    ['', 'the Dockerfile (Dockerfile) cannot be empty'],
    ['# only\n', 'file with no instructions'],
    ['RUN true', 'dockerfile parse error on line 1: no build stage in current context'],
    ['# escape=x\nFROM a', "dockerfile parse error on line 1: invalid escape token 'x' does not match ` or \\"],
    [
      '# escape=`\n# escape=`\nFROM a',
      'dockerfile parse error on line 2: only one escape parser directive can be used',
    ],
  ])('%j: %s', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

const READ: readonly (readonly [string, Partial<Instruction>])[] = [
  ['RUN a  "b" $c', { form: 'text', args: ['a  "b" $c'] }],
  ['RUN ["a", "b\\u0020c"]', { form: 'json', args: ['a', 'b c'] }],
  ['RUN [ -f x ] && y', { form: 'text', args: ['[ -f x ] && y'] }],
  ['run x', { keyword: 'RUN', original: 'run x' }],
  ['COPY --from=x --chown=1:2 a "b c" /d/', { form: 'words', args: ['a', '"b', 'c"', '/d/'] }],
  ['COPY ["a b", "/d/"]', { form: 'json', args: ['a b', '/d/'] }],
  ['COPY --chmod=755 -- a b', { flags: [{ name: 'chmod', value: '755' }], args: ['a', 'b'] }],
  ['ENV a b  c', { form: 'words', args: ['a', 'b  c'] }],
  ['ENV a="x y" b=\\ z c=', { args: ['a', '"x y"', 'b', '\\ z', 'c', ''] }],
  ['LABEL "a b"="c" d=\'e f\'', { args: ['"a b"', '"c"', 'd', "'e f'"] }],
  ['ARG a b="1 2"', { args: ['a', 'b="1 2"'] }],
  ['EXPOSE 80/tcp  $p', { args: ['80/tcp', '$p'] }],
  ['CMD', { form: 'text', args: [] }],
  ['ENTRYPOINT []', { form: 'json', args: [] }],
  ['HEALTHCHECK --retries=3 CMD ["a"]', { form: 'json', args: ['CMD', 'a'] }],
  ['WORKDIR /a b', { form: 'text', args: ['/a b'] }],
  ['MAINTAINER A B <a@b>', { args: ['A B <a@b>'] }],
  ['RUN a \\\n  # no\n\n  b \\  \n c', { args: ['a   b  c'], line: 2, endLine: 6 }],
  ['RUN a\\\\\nRUN b', { args: ['a\\\\'], line: 2, endLine: 2 }],
  ['RUN a \\', { args: ['a'] }],
];

describe('what is read', () => {
  it.each(READ)('%j', (line, expected) => {
    expect(second(line)).toMatchObject(expected);
  });

  it('takes byte order mark, CRLF, comments and directives', () => {
    const { instructions, escape, warnings } = parseDockerfile(
      '\uFEFF# syntax=docker/dockerfile:1\r\n# Escape = `\r\n\r\n  # c\r\nFROM a `\r\n  AS b\r\nRUN c\\\r\n',
      { name: 'Dockerfile' },
    );
    expect(escape).toBe('`');
    expect(warnings).toEqual([expect.stringContaining('syntax=docker/dockerfile:1')]);
    expect(instructions.map(({ args, line }) => [args, line])).toEqual([
      [['a', 'AS', 'b'], 5],
      [['c\\'], 7],
    ]);
  });

  it('warns of empty continuation lines', () => {
    const { warnings } = parseDockerfile('FROM a\nRUN b \\\n\n c', { name: 'Dockerfile' });
    expect(warnings).toEqual(['Empty continuation line found in: RUN b  c']);
  });

  it('reads the instruction in ONBUILD', () => {
    expect(second('ONBUILD COPY --from=x a b')).toMatchObject({
      args: ['COPY --from=x a b'],
      onbuild: { keyword: 'COPY', args: ['a', 'b'], flags: [{ name: 'from', value: 'x' }] },
    });
  });

  it('makes a health check', () => {
    expect(healthcheckOf(second('HEALTHCHECK --interval=1m --start-period=2s --retries=3 CMD a b'))).toEqual({
      Test: ['CMD-SHELL', 'a b'],
      Interval: 60e9,
      StartPeriod: 2e9,
      Retries: 3,
    });
    expect(healthcheckOf(second('HEALTHCHECK none'))).toEqual({ Test: ['NONE'] });
  });
});

it('a file of more than 4 MiB is refused, in bytes, not cut', () => {
  // a third of as many characters as it has bytes
  expect(() => parse(`FROM a\n# ${'€'.repeat(1.4 * 1024 * 1024)}`)).toThrow('is larger than 4 MiB');
});

describe('heredocs', () => {
  it('belong to their instruction', () => {
    const [, copy, run] = parse('FROM a\nCOPY <<A <<-"B" /x/\n1\nA\n\t2\n\tB\nRUN z\n');
    expect(copy).toMatchObject({
      args: ['<<A', '<<-"B"', '/x/'],
      endLine: 6,
      heredocs: [
        { name: 'A', content: '1\n', expand: true, chomp: false },
        { name: 'B', content: '\t2\n', expand: false, chomp: true },
      ],
    });
    expect(run).toMatchObject({ keyword: 'RUN', line: 7 });
  });

  it.each([
    ['RUN <<EOF\necho 1\nEOF', { kind: 'shell', text: 'echo 1\n' }],
    ['RUN <<-EOF\n\techo 1\n\tEOF', { kind: 'shell', text: 'echo 1\n' }],
    ['RUN <<EOF\n#!/bin/x\n1\nEOF', { kind: 'file', name: 'EOF', text: '#!/bin/x\n1\n' }],
    ['RUN cat <<EOF > /f\n$a\nEOF', { kind: 'shell', text: 'cat <<EOF > /f\n$a\nEOF' }],
    ['RUN echo $((1 << 2)) "<<EOF"', { kind: 'shell', text: 'echo $((1 << 2)) "<<EOF"' }],
  ])('%j runs', (line, script) => {
    expect(runScript(second(line))).toEqual(script);
  });
});
