// Every case of the corpus comes out as the peer it was recorded from made it, or as we say where no peer knows it.
import { describe, expect, it } from 'vitest';
import { composeCases, isOurs, readExpectation, runCase } from '../../support/compose-cases.ts';

describe('compose-spec/cases', () => {
  it('takes more than nine in ten from a peer', () => {
    const cases = composeCases();
    const ours = cases.filter(isOurs);
    expect(ours.length).toBeLessThan(cases.length / 10);
  });

  it.each(composeCases())('$id', async (one) => {
    const { expected } = readExpectation(one);
    const result = await runCase(one);
    if ('output' in expected) expect(result).toEqual(expected);
    else expect(result).toHaveProperty('refused');
  });
});
