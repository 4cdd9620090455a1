// Options of a tmpfs as `docker run --tmpfs` takes them: flags become mount attributes, the rest goes to the kernel.
import { GantryError } from '../../../base/error.ts';

const FLAGS: Readonly<Record<string, { readonly set?: bigint; readonly clear?: bigint }>> = {
  ro: { set: 1n },
  rw: { clear: 1n },
  nosuid: { set: 2n },
  suid: { clear: 2n },
  nodev: { set: 4n },
  dev: { clear: 4n },
  noexec: { set: 8n },
  exec: { clear: 8n },
  noatime: { set: 0x10n },
  strictatime: { set: 0x20n },
  nodiratime: { set: 0x80n },
};
/** Accepted and without an effect on a fresh mount. */
const IGNORED = new Set([
  'defaults',
  'relatime',
  'norelatime',
  'atime',
  'diratime',
  'private',
  'rprivate',
  'slave',
  'rslave',
  'shared',
  'rshared',
]);
const VALUES = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol']);
/** nosuid, nodev, noexec. */
const DEFAULT_ATTR = 14n;

/** Attributes and the kernel's options; the defaults are noexec, nosuid and nodev. Throws engine/bad-parameter. */
export function tmpfsOptions(text: string): { readonly attr: bigint; readonly options: string } {
  let attr = DEFAULT_ATTR;
  const options: string[] = [];
  for (const option of text.split(',').filter(Boolean)) {
    const flag = FLAGS[option];
    if (flag !== undefined) attr = (attr | (flag.set ?? 0n)) & ~(flag.clear ?? 0n);
    else if (VALUES.has(option.split('=', 1)[0] ?? '') && option.includes('=')) options.push(option);
    else if (!IGNORED.has(option)) throw new GantryError('engine/bad-parameter', `invalid tmpfs option: ["${option}"]`);
  }
  return { attr, options: options.join(',') };
}
