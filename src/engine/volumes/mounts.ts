// Volumes of a file system of their own (`type=tmpfs`, `type=nfs` …): mounted on their folder while a container that has
// them runs, by mount(8) and without its helpers, so that options mean what the kernel says they do.
import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { GantryError } from '../../base/error.ts';
import { runProcess } from '../../base/process.ts';
import { isFolderOfHost, type VolumeRecord } from './record.ts';

/** Programs are found there and nowhere else. */
const ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** True when the volume has to be mounted before a container gets it. */
export function needsMount({ options }: VolumeRecord): boolean {
  return options !== null && !isFolderOfHost(options);
}

/** Mounts it unless it is mounted. Throws engine/internal in Docker's words. */
export async function mountVolume(volume: VolumeRecord, folder: string, signal: AbortSignal): Promise<void> {
  if (isMounted(folder)) return;
  const { type = '', o = '', device = '' } = volume.options ?? {};
  const options = await withAddress(o);
  const args = ['-i', '-t', type, ...(options === '' ? [] : ['-o', options]), '--', device, folder];
  const result = await runProcess('mount', args, { signal, env: ENV });
  if (result.status === 0) return;
  const why = result.stderr.trim().split('\n')[0] ?? '';
  throw new GantryError(
    'engine/internal',
    `error while mounting volume '${folder}': failed to mount local volume: mount ${device}:${folder}, data: ${options}: ${why}`,
  );
}

/** Takes the mount away; none is fine. Lazily, since somebody on the host may look at it. */
export async function unmountVolume(folder: string): Promise<void> {
  if (!isMounted(folder)) return;
  const result = await runProcess('umount', ['-i', '-l', folder], { env: ENV });
  if (result.status !== 0 && isMounted(folder))
    throw new GantryError('engine/internal', `cannot unmount ${folder}: ${result.stderr.trim()}`);
}

/** mountinfo writes blanks and such as octal escapes; names of volumes have none, but the data folder may. */
function isMounted(folder: string): boolean {
  const unescape = (text: string): string =>
    text.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
  const lines = readFileSync('/proc/self/mountinfo', 'latin1').split('\n');
  const wanted = Buffer.from(folder).toString('latin1');
  return lines.some((line) => unescape(line.split(' ')[4] ?? '') === wanted);
}

/** The kernel wants `addr=` of a network file system as an address; people write a name. */
async function withAddress(options: string): Promise<string> {
  const parts = options.split(',').map(async (part) => {
    const host = part.startsWith('addr=') ? part.slice('addr='.length) : '';
    if (host === '' || isIP(host) !== 0) return part;
    return `addr=${(await lookup(host)).address}`;
  });
  return (await Promise.all(parts)).join(',');
}
