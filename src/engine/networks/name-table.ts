// Name tables of the resolver (format `gantry-names 1`): what containers of a network answer to. Written whole and put
// in place by rename, so that a resolver never reads half of one.
import { chmod, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { EndpointSpec, NameEntry, NetworkSpec } from './types.ts';

const NAME = /^[!-~]{1,253}$/;

/** The entries of a network: `name.network` first for each container, since the first line with an address names it
 * in the other direction, then each name, bare and with the network behind it. */
export function nameEntries(network: NetworkSpec, endpoints: readonly EndpointSpec[]): readonly NameEntry[] {
  return endpoints.flatMap((endpoint) => {
    const addresses = [endpoint.address, endpoint.address6].filter((address) => address !== '');
    const names = [...endpoint.names.map((name) => `${name}.${network.name}`), ...endpoint.names];
    return addresses.flatMap((address) => names.map((name) => ({ name, address })));
  });
}

/** A table as text. Names that can't stand in a question are left out, double lines too. `tables` (a container's own table
 * only) are the files of the networks it is in. */
export function renderNames(entries: readonly NameEntry[], tables: readonly string[] = []): string {
  const lines = entries
    .map(({ name, address }) => ({ name: name.toLowerCase().replace(/\.$/, ''), address }))
    .filter(({ name }) => NAME.test(name))
    .map(({ name, address }) => `${name} ${address}\n`);
  return `gantry-names 1\n${tables.map((path) => `+${path}\n`).join('')}${[...new Set(lines)].join('')}`;
}

/** Makes the folder of tables. Resolvers hold it open and run as users of their own: they may look up names in it, while
 * the folder above it keeps everybody else out. */
export async function makeNamesDir(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await chmod(path, 0o711);
}

let serial = 0;

/** Replaces a table by its text. */
export async function writeTable(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}.${serial++}`;
  try {
    await writeReadable(fresh, text);
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await makeNamesDir(dirname(path));
    await writeReadable(path, text);
  }
}

async function writeReadable(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w', 0o644);
  await file.writeFile(text);
  await file.chmod(0o644); // whatever the umask is
}
