// Failures of gantry-fs in words, for images, builds and volumes: what an archive or a Dockerfile is to blame for is the
// caller's fault, the rest ours.
import type { ErrorCode } from '../base/codes.ts';
import { GantryError } from '../base/error.ts';
import type { FsFailure } from './fs-job.ts';

/** Why a verb failed. */
export function fsFailure(verb: string, { step, errno, path }: FsFailure): GantryError {
  const where = path === '' ? '' : ` (${path})`;
  const reason = verb === 'unpack' ? REASONS[step] : undefined;
  if (reason !== undefined)
    return new GantryError('engine/bad-parameter', `cannot unpack the archive: ${reason}${where}`);
  const isCopy = COPY_VERBS.has(verb) || step === 'user' || step === 'group';
  const copying = isCopy ? COPY_REASONS[`${step} ${errno}`] : undefined;
  if (copying !== undefined) return new GantryError(copying[0], `${copying[1]}${where}`, { details: { step, path } });
  const why = errno === 'ECANCELED' ? 'it was ended' : errno;
  const code = errno === 'ENOSPC' ? 'engine/disk-full' : 'engine/internal';
  return new GantryError(code, `gantry-fs ${verb}: ${step}${where}: ${why}`);
}

const REASONS: Readonly<Record<string, string>> = {
  truncated: 'the archive ends too early',
  checksum: 'this is no tar archive, or it is damaged',
  number: 'a number in its header is no valid one',
  pax: 'a PAX record is malformed',
  sparse: 'sparse files are not supported; make the archive without --sparse',
  type: 'it holds an entry of an unknown type',
  path: 'a path is too long or leads out of the image',
  whiteout: 'a whiteout is malformed',
  entries: 'it holds too many entries',
  folders: 'it holds too many folders',
  bytes: 'its files would not fit on this disk',
  'header-size': 'a header of it is larger than 1 MiB',
};

const COPY_VERBS = new Set(['copy', 'digest']);

/** What a Dockerfile is to blame for. */
const COPY_REASONS: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  'open ENOENT': ['engine/not-found', 'file does not exist'],
  'open ENOTDIR': ['engine/not-found', 'not a directory'],
  'open ELOOP': ['engine/bad-parameter', 'too many levels of symbolic links'],
  'open EPERM': ['engine/bad-parameter', 'this path cannot be copied'],
  'open ENXIO': ['engine/bad-parameter', 'neither a file nor a folder'],
  'open EXDEV': ['engine/bad-parameter', 'this path cannot be copied'],
  'type EINVAL': ['engine/bad-parameter', 'neither a file nor a folder'],
  'open-folder ENOTDIR': ['engine/bad-parameter', 'not a directory'],
  'is-folder EISDIR': ['engine/bad-parameter', 'cannot copy a file over a directory'],
  'whiteout EINVAL': ['engine/bad-parameter', 'a device with number 0:0 cannot be copied'],
  'mode EINVAL': ['engine/bad-parameter', 'invalid --chmod: octal digits are expected'],
  'user ENOENT': [
    'engine/bad-parameter',
    "unable to convert uid/gid chown string to host mapping: can't find uid for user",
  ],
  'group ENOENT': [
    'engine/bad-parameter',
    "unable to convert uid/gid chown string to host mapping: can't find gid for group",
  ],
  'user EINVAL': ['engine/bad-parameter', 'invalid --chown'],
};
