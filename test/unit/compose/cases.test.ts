// Every case of the corpus comes out as the peer it was recorded from made it.
import { describe, expect, it } from 'vitest';
import { composeCases, readRecording, runCase } from '../../support/compose-cases.ts';

describe('compose-spec/cases', () => {
  it.each(composeCases())('$id', async (one) => {
    const { expected } = readRecording(one);
    const result = await runCase(one);
    if ('output' in expected) expect(result).toEqual(expected);
    else expect(result).toHaveProperty('refused');
  });
});
