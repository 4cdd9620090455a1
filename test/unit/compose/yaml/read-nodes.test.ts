// What is wrong with a YAML text is said where it is wrong.
import { describe, expect, it } from 'vitest';
import { YamlError } from '../../../../src/compose/yaml/cursor.ts';
import { readDocuments, TooDeep } from '../../../../src/compose/yaml/read-nodes.ts';

function failure(text: string): string {
  try {
    readDocuments(text);
  } catch (error) {
    if (error instanceof YamlError) return `${error.at} ${error.message}`;
    throw error;
  }
  return '';
}

describe('readDocuments', () => {
  it.each([
    ['a:\n\tb: c', '3 tabs cannot indent a line'],
    ['a: "b', '3 missing closing " quote'],
    ["a: 'b", "3 missing closing ' quote"],
    ['a: [b', '3 the list has no closing "]"'],
    ['a: {b: [c, d}', '12 "," or "]" was expected here'],
    ['a: b: c', '4 a value behind ": " cannot stand here'],
    ['a: - b', '3 an item of a list cannot begin here'],
    ['a: @b', '3 a text cannot begin with @ without quotes'],
    ['a: b\n c: d', '6 the line is indented further than the key above, and so part of its value'],
    ['a:\n  b: c\n d: e', '11 the line is not indented as the keys of the mapping above'],
    ['a:\n  - b\n - c', '10 the line is not indented as the keys of the mapping above'],
    ['a:\n  b\n  c: d', '5 a key and ":" were expected here'],
    ['a: b\nc\n', '5 a key and ":" were expected here'],
    ['a: "\\q"', '4 \\q is no escape sequence'],
    ['a: "\\x1"', '4 \\x takes 2 hexadecimal digits'],
    ['a: "\\ud800"', '4 the escape sequence stands for no character'],
    ['a: |x\n b', '4 the text of a block begins on the next line'],
    ['a: |\n  b\n\tc', '9 a tab cannot indent text'],
    ['a: &[b]', '3 "&" begins the name of an anchor, of letters, digits, - and _'],
    ['a: !e!b c', '3 the tag !e!b is not defined'],
    ['%FOO\n---\na: b', '0 "%" begins a directive, %YAML or %TAG; a text that begins with it needs quotes'],
    ['a: b\n...\nc: d', '9 the document has ended above: "---" begins another'],
    ['a: \u0001', '3 a control character cannot be part of a YAML file'],
    ['[', '1 a value was expected here, not the end of the file'],
    ['{[a', '1 the list has no closing "]"'],
  ])('%j: %s', (text, message) => {
    expect(failure(text)).toBe(message);
  });

  it('does not go down without end', () => {
    expect(() => readDocuments('['.repeat(100_000))).toThrow(TooDeep);
  });

  it('reads tags by their handles', () => {
    const [root] = readDocuments('%TAG !e! tag:example.org,2000:\n---\n!e!a {b: !!str c, d: !<e> f, g: ! h}');
    expect(JSON.stringify(root)).toContain('"tag":"tag:example.org,2000:a"');
    expect(JSON.stringify(root)).toContain('"tag":"tag:yaml.org,2002:str"');
    expect(JSON.stringify(root)).toContain('"tag":"e"');
  });
});
