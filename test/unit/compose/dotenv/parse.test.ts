// The grammar of .env files.
import { describe, expect, it } from 'vitest';
import { parseEnvFile } from '../../../../src/compose/dotenv/parse.ts';
import { parseRawEnv } from '../../../../src/compose/dotenv/raw.ts';

const PROCESS: Readonly<Record<string, string>> = { HOST: 'h', SHARED: 'process' };
const parse = (text: string): Record<string, string> =>
  Object.fromEntries(parseEnvFile(text, (name) => PROCESS[name]).values);

describe('parseEnvFile', () => {
  it.each<[string, string, Record<string, string>]>([
    ['plain', 'A=1\nB=2', { A: '1', B: '2' }],
    ['export and colon', 'export A=1\nB: 2\nC:3', { A: '1', B: '2', C: '3' }],
    ['spaces around', '  A = 1  \nB\t=\t2', { A: '1', B: '2' }],
    ['comments', '# c\nA=1 # c\nB=1#x\n  # d', { A: '1', B: '1#x' }],
    ['only a comment behind =', 'A= # c', { A: '# c' }],
    ['empty', 'A=\nB=""\nC=\'\'', { A: '', B: '', C: '' }],
    ['inherited', 'HOST\nUNKNOWN\n', { HOST: 'h' }],
    ['single quotes', "A='$HOST \\n it\\'s'", { A: "$HOST \\n it's" }],
    ['double quotes', 'A="x\\ty\\\\ \\"q\\" ${HOST} \\$HOST \\x"', { A: 'x\ty\\ "q" h $HOST \\x' }],
    ['octal', 'A="\\0101\\0141"', { A: 'Aa' }],
    ['many lines', 'A="one\ntwo"\nB=\'x\ny\'', { A: 'one\ntwo', B: 'x\ny' }],
    ['behind a quote', 'A="x"B=y', { A: 'x', B: 'y' }],
    ['comment behind a quote', 'A="x" # c\nB=1', { A: 'x', B: '1' }],
    ['variables', 'A=1\nB=${A}2\nC=${NO:-d}\nD=$$A', { A: '1', B: '12', C: 'd', D: '$A' }],
    ['the process wins inside values', 'SHARED=file\nA=$SHARED', { SHARED: 'file', A: 'process' }],
    ['carriage returns', 'A=1\r\nB="2"\r\n', { A: '1', B: '2' }],
    ['odd names', 'a.b-c[0]=1', { 'a.b-c[0]': '1' }],
    ['later wins', 'A=1\nA=2', { A: '2' }],
    ['equals in the value', 'A=b=c', { A: 'b=c' }],
  ])('%s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each<[string, string, number]>([
    ['a space in a name', 'OK=1\nA B=1', 2],
    ['an odd character', 'A!=1', 1],
    ['an open quote', 'A=1\n\nB="x\ny', 3],
    ['a bad expression', 'A=${', 1],
    ['a required variable', 'A=1\nB=${NO?why}', 2],
  ])('%s is reported with its line', (_, text, line) => {
    const { problems } = parseEnvFile(text, () => undefined);
    expect(problems).toHaveLength(1);
    expect(text.slice(0, problems[0]?.start).split('\n')).toHaveLength(line);
  });
});

describe('parseRawEnv', () => {
  it('takes values as they stand', () => {
    const { values } = parseRawEnv('# c\nA="x" # y\nB=$A\nHOST\nNO\nC= z\n', (name) => PROCESS[name]);
    expect(Object.fromEntries(values)).toEqual({ A: '"x" # y', B: '$A', HOST: 'h', C: ' z' });
  });
});
