// What `build CONTEXT` and `-f DOCKERFILE` mean: a folder to pack, a tar or a Dockerfile from stdin, or an address that
// the engine fetches. The wording follows docker's command line.
import { randomBytes } from 'node:crypto';
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { GantryError } from '../../base/error.ts';
import { readIgnoreFile } from './ignore-file.ts';
import { ignoreMatcher } from '../../base/ignore.ts';
import { peek, looksLikeArchive, readDockerfile } from './stdin.ts';

/** Where a build's files come from, as people write it. */
export interface ContextSpec {
  /** A folder, a URL, or `-` for stdin. */
  readonly context: string;
  /** As given with `-f`: from `cwd`, `-` for stdin; absent: the context's `Dockerfile`. */
  readonly dockerfile?: string | undefined;
  /** The Dockerfile's text itself, instead of a file. */
  readonly inline?: string | undefined;
  readonly cwd: string;
  readonly stdin: Readable;
  readonly signal?: AbortSignal | undefined;
}

/** A context ready to be sent: `input` or `remote`. */
export interface BuildContext {
  /** A tar, plain or compressed. */
  readonly input?: Readable;
  /** An address for the engine. */
  readonly remote?: string;
  /** The Dockerfile's path in the context. */
  readonly dockerfile: string;
}

/** Opens a context; nothing is read of a folder before its stream is. Throws client/bad-context. */
export async function openContext(spec: ContextSpec): Promise<BuildContext> {
  if (spec.context === '-') return await fromStdin(spec);
  if (isGit(spec.context)) throw refusedGit(spec.context);
  if (/^https?:\/\//.test(spec.context)) return fromAddress(spec);
  return await fromFolder(spec);
}

const DEFAULT_NAME = 'Dockerfile';

function isGit(context: string): boolean {
  return /^(?:git:\/\/|git@|ssh:\/\/|github\.com\/)/.test(context) || /^https?:\/\/.*\.git(?:#.*)?$/.test(context);
}

function refusedGit(context: string): GantryError {
  return new GantryError('client/bad-context', `git contexts are not supported: ${withoutPassword(context)}`, {
    hint: 'clone the repository and build the folder',
  });
}

const withoutPassword = (address: string): string => address.replace(/\/\/[^/@]*@/, '//');

function fromAddress({ context, dockerfile, inline }: ContextSpec): BuildContext {
  if (dockerfile === '-' || inline !== undefined) {
    throw new GantryError('client/bad-context', 'a Dockerfile from stdin or inline needs a folder as context');
  }
  return { remote: context, dockerfile: dockerfile ?? DEFAULT_NAME };
}

async function fromStdin({ stdin, dockerfile }: ContextSpec): Promise<BuildContext> {
  if (dockerfile === '-')
    throw new GantryError(
      'client/bad-context',
      "invalid argument: can't use stdin for both build context and dockerfile",
    );
  const { head, whole } = await peek(stdin);
  if (looksLikeArchive(head)) return { input: whole, dockerfile: dockerfile ?? DEFAULT_NAME };
  const name = temporaryName();
  const text = await readDockerfile(whole);
  const { packFiles } = await import('./pack.ts');
  return { input: packFiles(new Map([[name, text]])), dockerfile: name };
}

async function fromFolder(spec: ContextSpec): Promise<BuildContext> {
  const folder = await folderOf(spec);
  const file = await dockerfileOf(spec, folder);
  const ignoreFile = await readIgnoreFile(folder, file.path);
  const extra = new Map<string, string | Uint8Array>();
  if (file.content !== undefined) {
    extra.set(file.name, file.content);
    // the engine leaves out what this names: a Dockerfile from elsewhere is no part of the context
    const own = ignoreFile.path === undefined ? ['.dockerignore', file.name] : [file.name];
    extra.set('.dockerignore', [...ignoreFile.patterns, ...own, ''].join('\n'));
  }
  const { packContext } = await import('./pack.ts');
  const input = packContext({
    folder,
    ignore: ignoreMatcher(ignoreFile.patterns),
    always: ['.dockerignore', file.name],
    extra,
    signal: spec.signal,
  });
  return { input, dockerfile: file.name };
}

async function folderOf({ context, cwd }: ContextSpec): Promise<string> {
  const path = resolve(cwd, context);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined)
    throw new GantryError('client/bad-context', `unable to prepare context: path "${context}" not found`);
  if (!found.isDirectory())
    throw new GantryError('client/bad-context', `unable to prepare context: path "${context}" is no folder`);
  return await realpath(path);
}

interface DockerfileSource {
  /** In the context. */
  readonly name: string;
  /** Absent when it came from stdin or is inline. */
  readonly path?: string;
  /** Set when it is not in the context's folder. */
  readonly content?: string | Uint8Array;
}

async function dockerfileOf(spec: ContextSpec, folder: string): Promise<DockerfileSource> {
  if (spec.inline !== undefined) return { name: temporaryName(), content: spec.inline };
  if (spec.dockerfile === '-') return { name: temporaryName(), content: await readDockerfile(spec.stdin) };
  const path = spec.dockerfile === undefined ? await defaultIn(folder) : resolve(spec.cwd, spec.dockerfile);
  const real = await realpath(path).catch((cause: unknown) => {
    throw new GantryError('client/bad-context', `unable to prepare context: no Dockerfile at ${path}`, {
      cause,
      hint: 'say where it is with -f, or make one',
    });
  });
  // the name it has in the folder, also when the folder was reached by a link
  const inside = relative(folder, join(await realpath(dirname(path)), basename(path)));
  const isInside = !isAbsolute(inside) && inside !== '..' && !inside.startsWith(`..${sep}`);
  if (isInside && relative(folder, real).split(sep)[0] !== '..') return { name: inside, path };
  return { name: temporaryName(), path, content: await readFile(real) };
}

/** `dockerfile` is taken, too, when there is no `Dockerfile`. */
async function defaultIn(folder: string): Promise<string> {
  const path = join(folder, DEFAULT_NAME);
  const small = join(folder, DEFAULT_NAME.toLowerCase());
  const has = async (at: string): Promise<boolean> =>
    await stat(at).then(
      () => true,
      () => false,
    );
  return !(await has(path)) && (await has(small)) ? small : path;
}

const temporaryName = (): string => `.dockerfile.${randomBytes(10).toString('hex')}`;
