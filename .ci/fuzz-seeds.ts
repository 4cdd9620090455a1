// Writes the archives that the fuzzing of the tar reader begins with, one of each kind of entry, into a folder:
//   node .ci/fuzz-seeds.ts FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paxRecords, tarEntry, tarOf, type TarEntry } from '../test/support/tar.ts';

const SEEDS: Readonly<Record<string, readonly TarEntry[]>> = {
  plain: [
    { name: 'd/', type: '5', mode: 0o755 },
    { name: 'd/f', data: 'x'.repeat(600) },
    { name: 'e', data: '' },
  ],
  links: [
    { name: 'a', data: 'one' },
    { name: 'h', type: '1', link: 'a' },
    { name: 's', type: '2', link: '../../a' },
  ],
  nodes: [
    { name: 'c', type: '3', major: 1, minor: 3 },
    { name: 'b', type: '4', major: 8, minor: 0 },
    { name: 'p', type: '6' },
  ],
  whiteouts: [{ name: 'd/.wh.gone' }, { name: 'd/.wh..wh..opq' }, { name: '.wh..wh.plnk/1' }],
  pax: [
    {
      name: 'short',
      data: 'x',
      pax: { path: 'long/'.repeat(60), mtime: '-1.000000001', uid: '70000', gid: '70000', size: '1', comment: 'é' },
    },
    { name: 'x', type: '2', pax: { linkpath: 'to/'.repeat(50) } },
    { name: 'attributes', pax: { 'SCHILY.xattr.user.a': 'b', 'SCHILY.xattr.security.capability': '\u0001\0\0' } },
  ],
  global: [
    { name: 'g', type: 'g', data: paxRecords({ comment: 'of git' }) },
    { name: 'f', data: 'x' },
  ],
  gnu: [
    { name: '././@LongLink', type: 'L', data: `${'long/'.repeat(60)}\0` },
    { name: 'cut', data: 'x' },
    { name: '././@LongLink', type: 'K', data: `${'to/'.repeat(60)}\0` },
    { name: 'l', type: '2' },
  ],
  sparse: [{ name: 'x', type: 'S', data: 'x'.repeat(512) }],
  'sparse-pax': [{ name: 'x', pax: { 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.name': 'y' } }],
};

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('usage: node .ci/fuzz-seeds.ts FOLDER');
mkdirSync(folder, { recursive: true });
for (const [name, entries] of Object.entries(SEEDS)) writeFileSync(join(folder, `${name}.tar`), tarOf(...entries));
// a number in base 256, and an archive without its end
const large = tarEntry({ name: 'large' });
Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]).copy(large, 124);
writeFileSync(join(folder, 'base256.tar'), large);
