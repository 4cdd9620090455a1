// Attributes that a test outside the tables proves, because more than one look at what runs is needed. Data only.
import { paths } from './row.ts';

/** A test by its title, and the attributes it proves. */
export interface ProvedElsewhere {
  /** From the root of the project. */
  readonly file: string;
  readonly test: string;
  readonly proves: readonly string[];
}

export const by = (file: string, test: string, proves: string): ProvedElsewhere => ({
  file,
  test,
  proves: paths(proves),
});

/** All of them. */
export const ELSEWHERE: readonly ProvedElsewhere[] = [];
