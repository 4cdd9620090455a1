import { expect, test } from 'vitest';
import { parseQuery } from '../../../../src/engine/http/query.ts';

test.each([
  ['', false],
  ['0', false],
  ['no', false],
  ['False', false],
  ['NONE', false],
  ['1', true],
  ['true', true],
  ['True', true],
  ['yes', true],
  ['2', true],
])('the boolean %j is %s', (value, expected) => {
  expect(parseQuery(`force=${value}`).flag('force', !expected)).toBe(expected);
});

test('what is absent is the fallback', () => {
  const query = parseQuery('');
  expect(query.flag('stream', true)).toBe(true);
  expect(query.flag('all', false)).toBe(false);
  expect(query.text('name')).toBeUndefined();
  expect(query.integer('t')).toBeUndefined();
  expect(query.filters([]).size).toBe(0);
});

test('names may repeat', () => {
  expect(parseQuery('t=a&t=b%2Fc').all('t')).toEqual(['a', 'b/c']);
});

test.each(['1.5', 'ten', '1e3', '0x10', '9999999999999999'])('%j is no integer', (value) => {
  expect(() => parseQuery(`t=${value}`).integer('t')).toThrow(/invalid value for t/);
});

test('integers may be signed', () => {
  expect(parseQuery('limit=-1').integer('limit')).toBe(-1);
});

test.each([
  ['a map of maps, as Go sends it', '{"label":{"a=b":true,"c":true},"name":{"x":false}}'],
  ['a map of lists, as Python and JavaScript send it', '{"label":["a=b","c"],"name":[]}'],
  ['with blanks', '{"label": ["a=b", "c"], "name": []}'],
])('filters: %s', (_name, json) => {
  const filters = parseQuery(`filters=${encodeURIComponent(json).replaceAll('%20', '+')}`).filters(['label', 'name']);
  expect(filters.get('label')).toEqual(['a=b', 'c']);
  expect(filters.get('name')).toEqual([]);
});

test.each([
  ['{"bogus":["x"]}', "invalid filter 'bogus'"],
  ['{"label":5}', "invalid filter 'label': expected a list of values"],
  ['[]', 'invalid filters: expected an object'],
  ['{', 'invalid filters: not JSON'],
])('filters %s are refused', (json, message) => {
  expect(() => parseQuery(`filters=${encodeURIComponent(json)}`).filters(['label'])).toThrow(message);
});

test.each(['', 'null', '{}'])('filters %j are none', (json) => {
  expect(parseQuery(`filters=${json}`).filters([]).size).toBe(0);
});
