// The json-file log: Docker's format byte for byte, pieces, rotation.
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runChecked } from '../../src/base/process.ts';
import { beforeAll, expect, it } from 'vitest';
import { nativeBinary, TestZygote } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

it('escapes as Docker does', async () => {
  await using zygote = await TestZygote.start();
  const script = String.raw`printf 'a"b\\c\td\re<f>&g \303\244\342\202\254\360\237\230\200 \377\303( \342\200\250 \033[0m\n'; printf 'no newline'`;
  const container = await zygote.launch({ argv: ['sh', '-c', script] });
  await container.run();
  const text = await readFile(container.log, 'utf8');
  const expected = String.raw`{"log":"a\"b\\c\u0009d\re\u003cf\u003e\u0026g ä€😀 \ufffd\ufffd( \u2028 \u001b[0m\n","stream":"stdout","time":"`;
  expect(text.startsWith(expected)).toBe(true);
  expect(text).toMatch(/"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z"\}\n/);
  expect((await container.logLines()).map((line) => line.log)[1]).toBe('no newline');
});

it('cuts long lines at 16 KiB, all pieces with one time', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({
    argv: ['sh', '-c', "head -c 40000 /dev/zero | tr '\\0' x; echo; echo next"],
  });
  await container.run();
  const lines = await container.logLines();
  expect(lines.map((line) => line.log.length)).toEqual([16384, 16384, 40001 - 32768, 5]);
  expect(new Set(lines.slice(0, 3).map((line) => line.time)).size).toBe(1);
});

it('never cuts a character in two', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({
    argv: ['sh', '-c', "printf x; i=0; while [ $i -lt 9000 ]; do printf '\\303\\244'; i=$((i+1)); done; echo"],
  });
  await container.run();
  const text = (await container.logLines()).map((line) => line.log).join('');
  expect(text).toBe(`x${'ä'.repeat(9000)}\n`);
});

it('rotates by size, keeping as many files as asked', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['seq', '1', '2000'], maxSize: 20_000n, maxFiles: 3 });
  await container.run();
  const names = (await readdir(dirname(container.log))).sort();
  expect(names).toEqual(['json.log', 'json.log.1', 'json.log.2']);
  const text = (await readFile(`${container.log}.1`, 'utf8')) + (await readFile(container.log, 'utf8'));
  expect(text).toContain('"log":"2000\\n"');
  expect(
    text
      .split('\n')
      .filter(Boolean)
      .every((line) => line.startsWith('{"log":') && line.endsWith('"}')),
  ).toBe(true);
});

it('empties a single file when it is full', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['seq', '1', '2000'], maxSize: 20_000n, maxFiles: 1 });
  await container.run();
  const text = await readFile(container.log, 'utf8');
  expect(text.length).toBeLessThan(20_000);
  expect(text).toContain('"log":"2000\\n"');
});

it('has what children of the process wrote last', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({
    argv: ['sh', '-c', '(sleep 0.05; echo late) & exec sh -c "sleep 0.2; echo last"'],
  });
  const { stdout } = await container.run();
  expect(stdout).toBe('late\nlast\n');
});

it('drops and counts what a full disk refuses, and never stops the container', async () => {
  await using zygote = await TestZygote.start();
  const disk = `${zygote.root}/disk`;
  await mkdir(disk);
  await runChecked('mount', ['-t', 'tmpfs', '-o', 'size=32k', 'tmpfs', disk]);
  try {
    const container = await zygote.launch({ argv: ['seq', '1', '20000'], logPath: `${disk}/json.log` });
    await container.go();
    expect((await container.exited()).status).toBe(0);
    const lines = (await readFile(`${disk}/json.log`, 'utf8')).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.every((line) => line.startsWith('{"log":') && line.endsWith('"}'))).toBe(true);
    expect(Number(/dropped=(\d+)/.exec(await readFile(`${container.dir}/exit`, 'utf8'))?.[1])).toBeGreaterThan(0);
    await container.dismiss();
  } finally {
    await runChecked('umount', [disk]);
  }
});
