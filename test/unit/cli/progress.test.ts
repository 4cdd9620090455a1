// Progress as it is drawn: plain lines, JSON, nothing, and live lines on a terminal.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Io } from '../../../src/cli/io.ts';
import { createProgress, type ProgressMode } from '../../../src/cli/output/progress.ts';
import type { ProgressEvent } from '../../../src/project/progress.ts';

const EVENTS: readonly ProgressEvent[] = [
  { id: 'Network p_default', text: 'Creating', state: 'working' },
  { id: 'Network p_default', text: 'Created', state: 'done' },
  { id: '', text: 'Found orphan containers', state: 'warning' },
];

interface Size {
  readonly columns: number;
  readonly rows: number;
}

function terminal(size: Size | undefined): PassThrough & Io['stderr'] {
  const stream = new PassThrough();
  return size === undefined ? stream : Object.assign(stream, { isTTY: true as const, ...size });
}

async function drawn(mode: ProgressMode, tty?: Size): Promise<string> {
  const stderr = terminal(tty);
  const io: Io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr };
  const view = await createProgress(io, { mode, ansi: 'auto', title: 'Running' });
  for (const event of EVENTS) view.event(event);
  view.finish();
  return String(stderr.read() ?? '');
}

const visible = (text: string): string => text.replace(/\u001b\[\??[0-9;]*[A-Za-z]/g, '');

describe('without a terminal', () => {
  const plain = ' Network p_default  Creating\n Network p_default  Created\ngantry: warning: Found orphan containers\n';
  it.each([
    ['auto', plain],
    ['plain', plain],
    ['quiet', 'gantry: warning: Found orphan containers\n'],
  ] as const)('%s', async (mode, text) => {
    expect(await drawn(mode)).toBe(text);
  });

  it('json is one object a line', async () => {
    const lines = (await drawn('json')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)[1]).toEqual({
      id: 'Network p_default',
      text: 'Created',
      status: 'done',
    });
  });
});

describe('on a terminal', () => {
  it('ends with one line for each thing under a heading, and shows the cursor again', async () => {
    const text = await drawn('auto', { columns: 60, rows: 20 });
    expect(text.endsWith('\u001b[?25h')).toBe(true);
    expect(visible(text)).toMatch(/\[\+\] Running 1\/1\n ✔ Network p_default {2}Created +\d\.\ds\n$/);
    expect(text).not.toContain('\u001b[2J');
  });

  it('what others write comes above it, and is not drawn over', async () => {
    const stderr = terminal({ columns: 60, rows: 20 });
    const io: Io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr };
    const view = await createProgress(io, { mode: 'tty', ansi: 'auto', title: 'Stopping' });
    view.event({ id: 'Container c', text: 'Stopping', state: 'working' });
    stderr.read();
    view.aside(() => void stderr.write('c-1  | bye\n'));
    const text = String(stderr.read());
    expect(text.startsWith('\r\u001b[2A\u001b[Jc-1  | bye\n\r\u001b[2K[+] Stopping 0/1\n')).toBe(true);
    view.finish();
    expect(String(stderr.read())).toMatch(/^\r\u001b\[2A/);
    view.finish();
    view.event({ id: 'Container c', text: 'Stopped', state: 'done' });
    expect(stderr.read()).toBeNull();
  });

  it('never draws more lines than fit', async () => {
    const stderr = terminal({ columns: 60, rows: 6 });
    const view = await createProgress(
      { stdin: new PassThrough(), stdout: new PassThrough(), stderr },
      { mode: 'tty', ansi: 'auto', title: 'Running' },
    );
    for (let index = 0; index < 20; index += 1)
      view.event({ id: `Container c${index}`, text: 'Starting', state: 'working' });
    stderr.read();
    view.finish();
    expect(String(stderr.read()).split('\n').length).toBeLessThanOrEqual(6);
  });
});

it.each([
  ['tty', 'never'],
  ['plain', 'always'],
] as const)('--progress %s and --ansi %s contradict each other', async (mode, ansi) => {
  const io: Io = { stdin: new PassThrough(), stdout: new PassThrough(), stderr: new PassThrough() };
  await expect(createProgress(io, { mode, ansi, title: '' })).rejects.toThrow(/cannot be used with/);
});
