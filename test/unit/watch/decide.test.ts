import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/watch/decide.ts';
import { patternMatcher } from '../../../src/watch/ignore.ts';
import { copyOf } from '../../../src/watch/rule.ts';
import { rule } from '../../support/watch-rules.ts';

const copies = (decision: ReturnType<typeof decide>): string[] => decision.mappings.map(copyOf).toSorted();

describe('decide', () => {
  it('maps paths below the rule to paths below the target', () => {
    expect(copies(decide([rule()], ['/p/a', '/p/b/c', '/q/x', '/pq']))).toEqual(['/app/a', '/app/b/c']);
  });

  it('takes the target of a file for the file', () => {
    const file = rule({ path: '/p/a.conf', folder: false, target: '/etc/web.conf' });
    expect(copies(decide([file], ['/p/a.conf', '/p/other']))).toEqual(['/etc/web.conf']);
  });

  it('never takes the target itself for a copy of a watched folder', () => {
    expect(copies(decide([rule()], ['/p']))).toEqual([]);
  });

  it('leaves out what is ignored or not included', () => {
    const picky = rule({ included: patternMatcher('/p', ['**/*.js']), ignored: patternMatcher('/p', ['vendor']) });
    expect(copies(decide([picky], ['/p/a.js', '/p/a.css', '/p/vendor/b.js', '/p/x/c.js']))).toEqual([
      '/app/a.js',
      '/app/x/c.js',
    ]);
  });

  it('lets rebuild win for the path it is about, and only for that', () => {
    const rules = [rule({ action: 'sync+restart' }), rule({ action: 'rebuild', path: '/p/package.json', target: '' })];
    const both = decide(rules, ['/p/package.json', '/p/a']);
    expect([both.rebuild, both.restart, copies(both)]).toEqual([true, true, ['/app/a']]);
    const one = decide(rules, ['/p/package.json']);
    expect([one.rebuild, one.restart, copies(one)]).toEqual([true, false, []]);
  });

  it('collects what several rules want of one path, each command once', () => {
    const exec = rule({ action: 'sync+exec', exec: { command: ['true'] } });
    const rules = [exec, rule({ action: 'restart', target: '' }), rule({ target: '/other' })];
    const decision = decide(rules, ['/p/a', '/p/b']);
    expect(decision.execs).toEqual([exec]);
    expect(decision.restart).toBe(true);
    expect(copies(decision)).toEqual(['/app/a', '/app/b', '/other/a', '/other/b']);
  });
});
