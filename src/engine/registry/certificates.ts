// What a TLS connection to a host trusts and shows: the system's authorities, those of the host's folder in certs.d
// (docker's layout: *.crt authorities, *.cert with *.key client certificates), and SSL_CERT_FILE.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { GantryError } from '../../base/error.ts';
import type { RegistrySettings } from './settings.ts';

/** TLS towards one host. */
export interface Trust {
  readonly context: SecureContext;
  /** True when a folder of certs.d names authorities for this host: then it is always checked. */
  readonly own: boolean;
  /** Where a person may put an authority for the host. */
  readonly folder: string;
}

/** Bundles of the usual distributions, the first one that is there counts. */
const SYSTEM_BUNDLES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The trust for `host[:port]`. Throws engine/bad-parameter for a folder that cannot be used. */
export async function trustFor(settings: RegistrySettings, host: string): Promise<Trust> {
  const { own, certificates } = await hostCertificates(settings, host);
  const system = await systemBundle(settings.caFile);
  const ca = [...getCACertificates('default'), ...system, ...own];
  const folder = join(settings.certificates.at(-1) ?? '', host);
  try {
    const { cert, key } = certificates;
    const shown = cert === undefined || key === undefined ? {} : { cert, key };
    return { context: createSecureContext({ ca, ...shown }), own: own.length > 0, folder };
  } catch (cause) {
    throw new GantryError('engine/bad-parameter', `a certificate for ${host} cannot be read (${folder})`, { cause });
  }
}

interface HostCertificates {
  readonly own: readonly string[];
  readonly certificates: { readonly cert?: string; readonly key?: string };
}

async function hostCertificates(settings: RegistrySettings, host: string): Promise<HostCertificates> {
  for (const root of settings.certificates) {
    const folder = join(root, host);
    const names = await namesIn(folder);
    if (names.length === 0) continue;
    const read = async (name: string): Promise<string> => await readFile(join(folder, name), 'utf8');
    const own = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read));
    const cert = names.find((name) => name.endsWith('.cert'));
    if (cert === undefined) return { own, certificates: {} };
    const key = cert.replace(/\.cert$/, '.key');
    if (!names.includes(key)) {
      throw new GantryError('engine/bad-parameter', `missing key ${key} for client certificate ${cert} in ${folder}`);
    }
    return { own, certificates: { cert: await read(cert), key: await read(key) } };
  }
  return { own: [], certificates: {} };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch {
    return []; // no folder, no certificates
  }
}

async function systemBundle(caFile: string): Promise<readonly string[]> {
  for (const path of caFile === '' ? SYSTEM_BUNDLES : [caFile]) {
    try {
      return [await readFile(path, 'utf8')];
    } catch (cause) {
      if (caFile !== '') throw new GantryError('engine/bad-parameter', `SSL_CERT_FILE: cannot read ${path}`, { cause });
    }
  }
  return [];
}
