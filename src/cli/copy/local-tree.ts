// Files of this machine as tar and back, by gantry-fs: what comes from a container is not trusted, and it unpacks by
// descriptor, so that no symlink of the archive leads out of the folder it is unpacked in.
import { lstat, mkdir, realpath, stat } from 'node:fs/promises';
import { once } from 'node:events';
import { posix, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { getSystemErrorName } from 'node:util';
import { GantryError } from '../../base/error.ts';
import { nativeProgram } from '../../base/native.ts';
import { startProcess } from '../../base/process.ts';
import { isFolderText, type CopyInfo, type CopyTarget } from './copy-paths.ts';

/** A tar that is being made. */
export interface LocalArchive {
  readonly stream: Readable;
  /** Rejects when it could not be made whole. */
  readonly done: Promise<void>;
}

/** What a source is; a symlink is one itself unless it is followed or written as a folder. Throws for none. */
export async function localSource(path: string, { cwd, follow }: { cwd: string; follow: boolean }): Promise<CopyInfo> {
  const whole = resolve(cwd, path);
  try {
    const found = follow || isFolderText(path) ? await stat(whole) : await lstat(whole);
    if (isFolderText(path) && !found.isDirectory()) throw notFound(`${whole}: not a directory`);
    return { path: keepEnd(whole, path), exists: true, isFolder: found.isDirectory() };
  } catch (error) {
    if (isGone(error)) throw notFound(`lstat ${whole}: no such file or directory`);
    throw error;
  }
}

/** What a destination is: symlinks are followed, and the folder it is in must be there. */
export async function localDestination(path: string, { cwd }: { cwd: string }): Promise<CopyInfo> {
  const whole = resolve(cwd, path);
  const found = await stat(whole).catch((error: unknown) => {
    if (isGone(error)) return undefined;
    throw error;
  });
  if (found === undefined) await checkParent(whole);
  if (found?.isFile() === false && !found.isDirectory())
    throw new GantryError('usage/invalid-flag', `destination "${path}" must be a directory or a regular file`);
  return { path: keepEnd(whole, path), exists: found !== undefined, isFolder: found?.isDirectory() === true };
}

/** The archive of a source whose first part is called `name`; "" names it as it is. */
export async function packLocal({ path }: CopyInfo, name: string, follow: boolean): Promise<LocalArchive> {
  const isContents = /\/\.$/.test(path);
  const clean = posix
    .normalize(path)
    .replace(/(.)\/$/, '$1')
    .replace(/\/\.$/, '');
  const target = follow ? await realpath(clean) : clean;
  const own = name !== '' ? name : isContents ? '.' : posix.basename(clean) || '/';
  const args = ['get', '--root', posix.dirname(target), '--path', `/${posix.basename(target)}`, '--name', own];
  const child = start([...args, ...(isFolderText(path) ? ['--follow'] : [])], 'ignore');
  return { stream: await afterHead(child), done: ended(child, 'read') };
}

/** Unpacks an archive whose first part is called `first`; everything becomes the caller's. */
export async function unpackLocal(archive: Readable, { folder, name }: CopyTarget, first: string): Promise<void> {
  const root = await realpath(folder);
  const isContents = first === '.' || first === '/';
  const below = isContents && name !== '' ? await makeFolder(root, name) : root;
  const rename = !isContents && name !== '' ? ['--rename', name] : [];
  const child = start(['put', '--root', below, '--path', '/', '--keep-kinds', '--own', ...rename], 'pipe');
  if (child.stdin === null) throw new Error('a child without its pipes');
  const fed = pipeline(archive, child.stdin).catch((error: unknown) => error);
  await ended(child, 'write');
  const failure = await fed;
  if (failure instanceof Error) throw failure;
}

async function makeFolder(root: string, name: string): Promise<string> {
  await mkdir(`${root}/${name}`, { recursive: true });
  return `${root}/${name}`;
}

async function checkParent(path: string): Promise<void> {
  const parent = posix.dirname(path);
  const found = await stat(parent).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new GantryError('usage/invalid-flag', `invalid output path: directory "${parent}" does not exist`);
}

/** `resolve` takes what stands at the end of a path; it is put back. */
function keepEnd(whole: string, path: string): string {
  if (/(?:^|\/)\.$/.test(path)) return `${whole === '/' ? '' : whole}/.`;
  return path.endsWith('/') && whole !== '/' ? `${whole}/` : whole;
}

function start(args: readonly string[], input: 'ignore' | 'pipe'): ChildProcess {
  return startProcess(nativeProgram('gantry-fs'), args, { stdio: [input, 'pipe', 'pipe'], env: {}, cwd: '/' });
}

async function ended(child: ChildProcess, what: 'read' | 'write'): Promise<void> {
  if (what === 'write') child.stdout?.resume();
  const [said, [status]] = await Promise.all([
    child.stderr === null ? '' : text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (status === 0) return;
  const [step = '', errno = '0', ...path] = said.trim().split(' ');
  const words = Number(errno) > 0 ? getSystemErrorName(-Number(errno)) : step;
  const place = path.join(' ');
  if (step === 'is-folder' || step === 'not-folder') {
    const kinds = step === 'is-folder' ? ['directory', 'non-directory'] : ['non-directory', 'directory'];
    throw new GantryError('usage/invalid-flag', `cannot overwrite ${kinds[0] ?? ''} "${place}" with ${kinds[1] ?? ''}`);
  }
  throw new GantryError('base/process-failed', `cannot ${what} ${place === '' ? 'the files' : place}: ${words}`);
}

/** The stream behind the line that says what the path is. */
async function afterHead(child: ChildProcess): Promise<Readable> {
  const { stdout } = child;
  if (stdout === null) throw new Error('a child without its pipes');
  for (;;) {
    const chunk = stdout.read() as Buffer | null;
    if (chunk !== null) {
      // the line is written at once, and is smaller than a pipe
      stdout.unshift(chunk.subarray(chunk.indexOf(0) + 1));
      return stdout;
    }
    if (stdout.readableEnded) return stdout;
    await Promise.race([once(stdout, 'readable'), once(stdout, 'end')]);
  }
}

function notFound(message: string): GantryError {
  return new GantryError('usage/invalid-flag', message);
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
