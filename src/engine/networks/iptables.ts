// Finds and runs the iptables programs of either backend. Knows no rule of ours but our chains' names.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import { runSmall } from '../../base/process.ts';
import { holdsChains, parseSaved, type SavedRules } from './restore-text.ts';
import { TABLES, type Chains, type Family } from './rules.ts';
import type { NetworkWarning, Waiting } from './types.ts';

/** The kernel interface behind a set of iptables programs. */
export type BackendName = 'nft' | 'legacy';

/** The programs of one backend, by absolute path. */
export interface Backend {
  readonly name: BackendName;
  readonly save: string;
  readonly restore: string;
}

const FOLDERS = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin', '/bin'];
const ENV = { PATH: FOLDERS.join(':'), LC_ALL: 'C' };

/** A backend with what it holds now. */
export interface FoundBackend {
  readonly backend: Backend;
  readonly saved: SavedRules;
}

/** The backend to use and what the other one says that hurts. */
export interface BackendChoice {
  readonly chosen: FoundBackend;
  readonly warnings: readonly NetworkWarning[];
}

/** Uses the backend that holds our chains, else the one that holds any, else nft. Throws engine/unsupported-host. */
export async function chooseBackend(chains: Chains, family: Family, waiting: Waiting): Promise<BackendChoice> {
  const found = await usableBackends(family, waiting);
  const chosen = pick(found, chains);
  if (chosen === undefined) {
    throw new GantryError(
      'engine/unsupported-host',
      `no ${family === 4 ? 'iptables' : 'ip6tables'} program that works was found`,
      {
        hint: 'install iptables, for example: apt-get install iptables',
      },
    );
  }
  return { chosen, warnings: found.filter((other) => other !== chosen).flatMap(forwardDrop) };
}

/** What a backend holds. */
export async function saveRules(backend: Backend, waiting: Waiting): Promise<SavedRules> {
  const result = await runSmall(backend.save, [], { env: ENV, signal: waiting.signal });
  if (result.status === 0) return parseSaved(result.stdout);
  throw new GantryError(
    'base/process-failed',
    `${backend.save} failed with status ${result.status}: ${lastWords(result.stderr)}`,
  );
}

/** Applies restore input, each table in one transaction. */
export async function restoreRules(backend: Backend, input: string, waiting: Waiting): Promise<void> {
  const result = await runSmall(backend.restore, ['--noflush', '-w', '10'], {
    input,
    env: ENV,
    signal: waiting.signal,
  });
  if (result.status === 0) return;
  throw new GantryError(
    'engine/internal',
    `${backend.restore} failed with status ${result.status}: ${lastWords(result.stderr)}`,
    {
      details: { input },
    },
  );
}

async function usableBackends(family: Family, waiting: Waiting): Promise<readonly FoundBackend[]> {
  const found = await Promise.all(
    (['nft', 'legacy'] as const).map(async (name) => {
      const backend = await findPrograms(family === 4 ? 'iptables' : 'ip6tables', name, waiting);
      if (backend === undefined) return [];
      // a backend the kernel does not have fails here, and is none
      const result = await runSmall(backend.save, [], { env: ENV, signal: waiting.signal });
      return result.status === 0 ? [{ backend, saved: parseSaved(result.stdout) }] : [];
    }),
  );
  return found.flat();
}

async function findPrograms(stem: string, name: BackendName, waiting: Waiting): Promise<Backend | undefined> {
  const [save, restore] = [await findProgram(`${stem}-${name}-save`), await findProgram(`${stem}-${name}-restore`)];
  if (save !== undefined && restore !== undefined) return { name, save, restore };
  // some distributions have one backend only, under the plain name
  const [plainSave, plainRestore] = [await findProgram(`${stem}-save`), await findProgram(`${stem}-restore`)];
  if (plainSave === undefined || plainRestore === undefined) return undefined;
  const version = await runSmall(plainRestore, ['--version'], { env: ENV, signal: waiting.signal });
  const isNft = version.stdout.includes('nf_tables');
  return isNft === (name === 'nft') ? { name, save: plainSave, restore: plainRestore } : undefined;
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of FOLDERS) {
    const path = join(folder, name);
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (usable) return path;
  }
  return undefined;
}

function pick(found: readonly FoundBackend[], chains: Chains): FoundBackend | undefined {
  const ours = found.find(({ saved }) => holdsChains(saved, chains));
  const [fullest] = found
    .filter(({ saved }) => countRules(saved) > 0)
    .toSorted((a, b) => countRules(b.saved) - countRules(a.saved));
  return ours ?? fullest ?? found[0];
}

function countRules(saved: SavedRules): number {
  return TABLES.map((table) => saved[table].rules.length).reduce((sum, count) => sum + count, 0);
}

/** A DROP in the other backend can't be overruled from ours: both are asked, and one DROP is enough. */
function forwardDrop({ backend, saved }: FoundBackend): readonly NetworkWarning[] {
  if (saved.filter.chains.get('FORWARD') !== 'DROP') return [];
  const program = backend.save.replace(/-save$/, '');
  return [
    {
      code: 'networks/forward-drop',
      message: `the ${backend.name} backend of iptables drops forwarded traffic (policy DROP in chain FORWARD), so containers can't reach each other or the outside`,
      hint: `${program} -P FORWARD ACCEPT`,
    },
  ];
}

function lastWords(stderr: string): string {
  return stderr.trim().split('\n').slice(-3).join('; ');
}
