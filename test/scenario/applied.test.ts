// What compose-spec/SUPPORT.md calls applied: every attribute is used by a service that runs, and looked at from there.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openApplied, type Applied } from './applied/open.ts';
import { TABLES } from './applied/tables.ts';

describe('applied attributes', () => {
  let applied: Applied;

  beforeAll(async () => {
    applied = await openApplied();
  });
  afterAll(async () => applied[Symbol.asyncDispose]());

  const subjects = TABLES.flatMap((table) => table.subjects).filter(({ probes }) => probes.length > 0);
  describe.each(subjects)('$name', ({ name, probes }) => {
    const named = probes.map((probe) => ({ ...probe, title: probe.proves.join(' ') }));
    it.each(named)('$title', async (probe) => {
      const { expected, seen } = await applied.look(name, probe);
      if (typeof expected === 'string') expect(seen).toBe(expected);
      else expect(seen).toMatch(expected);
    });
  });
});
