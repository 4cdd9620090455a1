// Turns forwarding on while there are networks, and back to what it was when the last one goes. What was changed is kept
// in <run>/net/forwarding*.json, so that a daemon after one that was killed can still take it back.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import type { Firewall } from './firewall.ts';
import { namesDir } from './link-names.ts';
import { makeNamesDir } from './name-table.ts';
import type { Family } from './rules.ts';

const SYSCTLS = { 4: '/proc/sys/net/ipv4/ip_forward', 6: '/proc/sys/net/ipv6/conf/all/forwarding' } as const;
const RECORDS = { 4: 'forwarding.json', 6: 'forwarding6.json' } as const;

interface Changed {
  /** True when policy DROP was set with it: a host that did not forward must not become a router for others. */
  readonly policy: boolean;
}

/** One family's forwarding. */
export interface Forwarding {
  readonly run: string;
  readonly family: Family;
  readonly firewall: Firewall;
}

/** To be called before the rules of the first network are written: gives what is to be called behind them. */
export async function prepareForwarding(forwarding: Forwarding): Promise<() => Promise<void>> {
  const { family, firewall } = forwarding;
  if ((await readFile(SYSCTLS[family], 'utf8')).trim() !== '0') return () => Promise.resolve();
  const policy = (await firewall.saved()).filter.chains.get('FORWARD') !== 'DROP';
  await writeRecord(forwarding, { policy });
  return async () => {
    if (policy) await firewall.applyPolicy('DROP');
    await writeSysctl(SYSCTLS[family], '1');
  };
}

/** To be called before the last rules are removed: turns forwarding off, unless others need it by now (rules in FORWARD that
 * are not ours), and gives what is to be called behind that. */
export async function prepareRestore(forwarding: Forwarding, ownChain: string): Promise<() => Promise<void>> {
  const changed = await readRecord(forwarding);
  if (changed === undefined) return () => Promise.resolve();
  const { family, firewall } = forwarding;
  const { rules } = (await firewall.saved()).filter;
  const isAlone = !rules.some((line) => line.startsWith('-A FORWARD ') && !line.endsWith(` -j ${ownChain}`));
  if (isAlone) await writeSysctl(SYSCTLS[family], '0');
  if (isAlone && changed.policy) firewall.setPolicy('ACCEPT');
  return async () => {
    await firewall.settlePolicy();
    await rm(recordFile(forwarding), { force: true });
  };
}

/** Lets the host's localhost reach containers of a bridge. The guard must stand before. */
export async function routeLocalnet(bridge: string): Promise<void> {
  await writeSysctl(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, '1');
}

async function writeSysctl(path: string, value: string): Promise<void> {
  try {
    await writeFile(path, value);
  } catch (error) {
    throw new GantryError('engine/unsupported-host', `cannot write ${value} to ${path}`, {
      cause: error,
      hint: 'gantry needs a writable /proc/sys/net; is it running in a container without --privileged?',
    });
  }
}

async function writeRecord(forwarding: Forwarding, changed: Changed): Promise<void> {
  const path = recordFile(forwarding);
  await makeNamesDir(dirname(path));
  await writeFile(`${path}.new`, JSON.stringify(changed));
  await rename(`${path}.new`, path);
}

async function readRecord(forwarding: Forwarding): Promise<Changed | undefined> {
  const text = await readFile(recordFile(forwarding), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as Changed);
}

function recordFile({ run, family }: Forwarding): string {
  return join(namesDir(run), RECORDS[family]);
}
