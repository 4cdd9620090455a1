// Turns IPv4 forwarding on while there are networks, and back to what it was when the last one goes. What was changed
// is kept in <run>/net/forwarding.json, so that a daemon that was killed can still take it back.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import type { Firewall } from './firewall.ts';
import { namesDir } from './link-names.ts';

const IP_FORWARD = '/proc/sys/net/ipv4/ip_forward';

interface Changed {
  /** True when policy DROP was set with it (a host that did not forward must not become a router for others). */
  readonly policy: boolean;
}

/** Turns forwarding on unless it is; policy DROP for FORWARD stands before. */
export async function enableForwarding(run: string, firewall: Firewall): Promise<void> {
  if ((await readFile(IP_FORWARD, 'utf8')).trim() !== '0') return;
  const saved = await firewall.saved();
  const policy = saved.filter.chains.get('FORWARD') !== 'DROP';
  await writeRecord(run, { policy });
  if (policy) await firewall.apply(policyText('DROP'));
  await writeSysctl(IP_FORWARD, '1');
}

/** Takes back what enableForwarding changed; others who need forwarding by now (rules in FORWARD that are not ours) keep it. */
export async function restoreForwarding(run: string, firewall: Firewall): Promise<void> {
  const changed = await readRecord(run);
  if (changed === undefined) return;
  const saved = await firewall.saved();
  if (!saved.filter.rules.some((line) => line.startsWith('-A FORWARD '))) {
    await writeSysctl(IP_FORWARD, '0');
    if (changed.policy) await firewall.apply(policyText('ACCEPT'));
  }
  await rm(recordFile(run), { force: true });
}

/** Lets the host's localhost reach containers of a bridge. The guard must stand before. */
export async function routeLocalnet(bridge: string): Promise<void> {
  await writeSysctl(`/proc/sys/net/ipv4/conf/${bridge}/route_localnet`, '1');
}

function policyText(policy: 'ACCEPT' | 'DROP'): string {
  return `*filter\n:FORWARD ${policy} [0:0]\nCOMMIT\n`;
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

async function writeRecord(run: string, changed: Changed): Promise<void> {
  const path = recordFile(run);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(`${path}.new`, JSON.stringify(changed));
  await rename(`${path}.new`, path);
}

async function readRecord(run: string): Promise<Changed | undefined> {
  const text = await readFile(recordFile(run), 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : (JSON.parse(text) as Changed);
}

function recordFile(run: string): string {
  return join(namesDir(run), 'forwarding.json');
}
