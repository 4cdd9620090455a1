// The conformance corpus in compose-spec/cases: finds the cases and runs the loader over one.
import { readdirSync, readFileSync, existsSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { dirname, join, relative } from 'node:path';
import { isGantryError } from '../../src/base/error.ts';
import { loadProject } from '../../src/compose/load.ts';
import { printProject } from '../../src/compose/print.ts';

/** Where the corpus lies. */
export const CASES = join(import.meta.dirname, '../../compose-spec/cases');

/** Variables every case sees, and nothing else. */
export const CASE_ENV = { HOME: '/home/user', SECRET: 'hidden', FROM_ENV: 'process' };

/** One case: a folder with compose.yaml, perhaps more files, and what is expected of it. */
export interface ComposeCase {
  /** `ports/short`. */
  readonly id: string;
  readonly dir: string;
}

/** What came of a case: the printed project, or that it was refused. Paths are relative to `/case`. */
export type CaseResult = { readonly output: string } | { readonly refused: string };

/** All cases, in order. */
export function composeCases(): readonly ComposeCase[] {
  const files = readdirSync(CASES, { recursive: true, encoding: 'utf8' });
  const dirs = files
    .filter((file) => /^[^/]+\/[^/]+\/compose\.yaml$/.test(file))
    .map((file) => join(CASES, dirname(file)));
  return dirs.sort().map((dir) => ({ id: relative(CASES, dir), dir }));
}

/** Loads and prints a case. */
export async function runCase({ dir }: ComposeCase): Promise<CaseResult> {
  try {
    const { project } = await loadProject({ cwd: dir, env: CASE_ENV });
    return { output: neutral(printProject(project), dir) };
  } catch (error) {
    if (!isGantryError(error)) throw error;
    return { refused: error.message };
  }
}

/** Text without the place where the corpus lies. */
export const neutral = (text: string, dir: string): string => text.replaceAll(dir, '/case');

/** A recording: its first line names the peer and guards the rest against editing. Throws when it holds only here. */
export function seal(peer: string, body: string): string {
  if (body.includes(dirname(CASES))) throw new Error(`a path of this machine is in a recording:\n${body}`);
  return `# recorded from ${peer}, sha256 ${createHash('sha256').update(body).digest('hex').slice(0, 16)}\n${body}`;
}

/** What is expected of a case, and of which peer it was recorded; none: it is an expectation of ours. */
export interface Expectation {
  readonly expected: CaseResult;
  readonly peer?: string;
}

const RECORDED = ['expected.yaml', 'refused.txt'];
const OURS = ['ours.yaml', 'ours.txt'];

/** The expectation of a case. Throws when there is not exactly one, or when a recording was edited by hand. */
export function readExpectation({ id, dir }: ComposeCase): Expectation {
  const names = [...RECORDED, ...OURS].filter((name) => existsSync(join(dir, name)));
  const [name] = names;
  if (name === undefined) throw new Error(`${id} has no recording: run test/support/record-compose-cases.ts`);
  if (names.length > 1) throw new Error(`${id} has two expectations: ${names.join(' and ')}`);
  const text = readFileSync(join(dir, name), 'utf8');
  const { peer, body } = OURS.includes(name) ? readOurs(id, text) : readRecording(id, text);
  return { expected: name.endsWith('.txt') ? { refused: body } : { output: body }, ...(peer && { peer }) };
}

/** Whether what is expected of a case is of no peer. */
export const isOurs = ({ dir }: ComposeCase): boolean => OURS.some((name) => existsSync(join(dir, name)));

interface Read {
  readonly body: string;
  readonly peer?: string;
}

function readOurs(id: string, text: string): Read {
  const [, body] = /^# of no peer: .+\n([^]+)$/.exec(text) ?? [];
  if (body === undefined) throw new Error(`${id}: an expectation of ours begins with "# of no peer: WHY"`);
  return { body };
}

function readRecording(id: string, text: string): Read {
  const [, peer = '', body = ''] = /^# recorded from (.*), sha256 [0-9a-f]+\n([^]*)$/.exec(text) ?? [];
  if (peer === '' || text !== seal(peer, body)) throw new Error(`${id}: the recording was edited by hand`);
  return { peer, body };
}
