// Failures of gantry-fs on a container's files in Docker's words.
import { GantryError } from '../../../base/error.ts';
import type { FsFailure } from '../../fs-job.ts';
import type { ContainerRecord } from '../record.ts';

/** What was asked for: the path as the client wrote it, and the container as it named it. */
export interface Asked {
  readonly path: string;
  readonly reference: string;
}

/** The path is not there. */
export function notFound({ path, reference }: Asked): GantryError {
  return new GantryError('engine/not-found', `Could not find the file ${path} in container ${reference}`);
}

/** A failure while a path was looked up or read. */
export function readFailure(failure: FsFailure, asked: Asked): GantryError {
  if (failure.step === 'open' || failure.step === 'open-folder') {
    if (failure.errno === 'ENOENT' || isKernels(failure, asked)) return notFound(asked);
    if (failure.errno === 'ENOTDIR') return notFolder(asked);
    if (failure.errno === 'ELOOP') return refused(`lstat ${asked.path}: too many levels of symbolic links`);
  }
  return other(failure);
}

/** The kernel's files are none of the container's: gantry-fs refuses procfs, and on the way there its magic links. */
function isKernels({ errno }: FsFailure, { path }: Asked): boolean {
  return errno === 'EPERM' || (errno === 'ELOOP' && path.startsWith('/proc/'));
}

/** "lstat PATH: not a directory". */
export function notFolder({ path }: Asked): GantryError {
  return refused(`lstat ${path}: not a directory`);
}

const KINDS: Readonly<Record<string, readonly [string, string]>> = {
  'is-folder': ['directory', 'non-directory'],
  'not-folder': ['non-directory', 'directory'],
};

const BAD_TAR: Readonly<Record<string, string>> = {
  checksum: 'archive/tar: invalid tar header',
  number: 'archive/tar: invalid tar header',
  pax: 'archive/tar: invalid tar header',
  type: 'archive/tar: an entry is of an unknown type',
  sparse: 'archive/tar: sparse files are not supported',
  truncated: 'unexpected EOF',
  'header-size': 'archive/tar: a header is larger than 1 MiB',
};

/** A failure while an archive was unpacked into a folder, or paths were deleted. */
export function writeFailure(failure: FsFailure, asked: Asked): GantryError {
  const { step, errno, path } = failure;
  const kinds = KINDS[step];
  if (kinds !== undefined) return refused(`cannot overwrite ${kinds[0]} "/${path}" with ${kinds[1]} "${asked.path}"`);
  const bad = BAD_TAR[step];
  if (bad !== undefined) return refused(bad);
  if (step === 'path') return refused(`archive/tar: the path ${JSON.stringify(path)} is too long or leads elsewhere`);
  if (errno === 'EROFS')
    return new GantryError('engine/forbidden', `cannot write ${asked.path}: the file system is read-only`);
  if (errno === 'EBUSY') return new GantryError('engine/conflict', `unlinkat /${path}: device or resource busy`);
  if (step === 'open' && errno === 'ENOTDIR') return refused('extraction point is not a directory');
  return readFailure(failure, asked);
}

/** Refuses what Docker refuses before it unpacks anything: a read-only root, or a read-only mount at the path. */
export function checkWritable({ host, mounts }: ContainerRecord, path: string): void {
  const holders = mounts.filter(({ Destination }) => path === Destination || path.startsWith(`${Destination}/`));
  const [mount] = holders.toSorted((a, b) => b.Destination.length - a.Destination.length);
  if (mount !== undefined && !mount.RW) throw forbidden('mounted volume is marked read-only');
  if (mount === undefined && host.ReadonlyRootfs === true) throw forbidden('container rootfs is marked read-only');
}

function other({ step, errno, path }: FsFailure): GantryError {
  const code = errno === 'ENOSPC' || errno === 'EDQUOT' ? 'engine/disk-full' : 'engine/internal';
  return new GantryError(
    code,
    `cannot work on the container's files: ${step}${path === '' ? '' : ` (${path})`}: ${errno}`,
  );
}

function refused(message: string): GantryError {
  return new GantryError('engine/bad-parameter', message);
}

function forbidden(message: string): GantryError {
  return new GantryError('engine/forbidden', message);
}
