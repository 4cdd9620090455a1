// Pulls an image: the manifest first, so that a refusal comes before any byte of the answer, then configuration and layers.
import { GantryError, isGantryError } from '../../../base/error.ts';
import { ANONYMOUS, type Credentials } from '../../registry/credentials.ts';
import type { Endpoint } from '../../registry/endpoints.ts';
import { choosePlatform, parsePlatform, platformText, type Platform } from '../../registry/platform.ts';
import { openRegistry, type RegistryClient } from '../../registry/registry.ts';
import { openRepository, type FetchedManifest, type Repository } from '../../registry/repository.ts';
import { putImage } from '../add-layer.ts';
import { parseImageConfig } from '../config.ts';
import type { ImageRecord } from '../records.ts';
import { canonicalName, familiarName, familiarRepository, type ImageReference } from '../reference.ts';
import type { TransferLines } from './progress.ts';
import { pullLayers } from './pull-layers.ts';
import type { TransferStore } from './store.ts';

/** What is pulled. */
export interface PullRequest {
  /** With tag or digest; with neither all tags. */
  readonly ref: ImageReference;
  /** `linux/arm64`; "" for this machine's. */
  readonly platform: string;
  readonly credentials?: Credentials;
}

/** A pull whose manifest is here. */
export interface StartedPull extends Disposable {
  /** Fetches the rest; gives the ids of the images. Throws what went wrong. */
  finish(lines: TransferLines): Promise<readonly string[]>;
}

/** Asks for the manifest. Throws registry/… when the registry says no or is not there. */
export async function beginPull(
  transfer: TransferStore,
  request: PullRequest,
  options: { readonly signal: AbortSignal },
): Promise<StartedPull> {
  const platform = parsePlatform(request.platform);
  const client = await openRegistry(transfer.env);
  try {
    const begun = await findManifest(client, request, options);
    return {
      finish: async (lines) => await pullFrom(client, { transfer, request, platform, lines, ...begun, ...options }),
      [Symbol.dispose]: () => client[Symbol.dispose](),
    };
  } catch (error) {
    client[Symbol.dispose]();
    throw error;
  }
}

interface Begun {
  readonly endpoint: Endpoint;
  readonly repository: Repository;
  /** Of the tag or digest that was asked for; of the first tag when all were. */
  readonly first: FetchedManifest;
  /** Tags, or one digest. */
  readonly references: readonly string[];
}

async function findManifest(
  client: RegistryClient,
  request: PullRequest,
  options: { readonly signal: AbortSignal; readonly without?: ReadonlySet<string> },
): Promise<Begun> {
  const { signal } = options;
  const { ref, credentials = ANONYMOUS } = request;
  const named = ref.digest ?? ref.tag;
  const asked = { domain: ref.domain, name: familiarRepository(ref), tag: named ?? 'latest' };
  return await client.at({ domain: ref.domain, credentials, ...options }, async (session) => {
    const repository = openRepository({ session, path: ref.path, asked, signal });
    const references = named === undefined ? await repository.tags() : [named];
    const [reference] = references;
    if (reference === undefined) throw new GantryError('registry/not-found', `no tags found for ${asked.name}`);
    return { endpoint: session.endpoint, repository, references, first: await repository.manifest(reference) };
  });
}

interface Pulling extends Begun {
  readonly transfer: TransferStore;
  readonly request: PullRequest;
  readonly platform: Platform;
  readonly lines: TransferLines;
  readonly signal: AbortSignal;
}

/** A mirror that had the manifest and then fails is left out, and the next place is asked, as docker does. */
async function pullFrom(client: RegistryClient, pulling: Pulling): Promise<readonly string[]> {
  const { request, signal } = pulling;
  const without = new Set<string>();
  for (let begun: Begun = pulling; ;) {
    try {
      return await pullAll({ ...pulling, ...begun });
    } catch (error) {
      if (!begun.endpoint.mirror || !isPlaces(error)) throw error;
      without.add(begun.endpoint.base);
      begun = await findManifest(client, request, { signal, without });
    }
  }
}

/** What was said or sent is to blame, not this machine: wrong bytes are engine/bad-parameter. */
function isPlaces(error: unknown): boolean {
  return isGantryError(error) && (error.code.startsWith('registry/') || error.code === 'engine/bad-parameter');
}

async function pullAll(pulling: Pulling): Promise<readonly string[]> {
  const ids: string[] = [];
  let news = false;
  for (const [index, reference] of pulling.references.entries()) {
    const found = index === 0 ? pulling.first : await pulling.repository.manifest(reference);
    const { id, isNew } = await pullOne(pulling, reference, found);
    ids.push(id);
    news ||= isNew;
  }
  const status = news ? 'Downloaded newer image' : 'Image is up to date';
  pulling.lines.say(`Status: ${status} for ${familiarName(pulling.request.ref)}`);
  return ids;
}

interface Pulled {
  readonly id: string;
  /** The name stood for something else before, or for nothing. */
  readonly isNew: boolean;
}

async function pullOne(pulling: Pulling, reference: string, found: FetchedManifest): Promise<Pulled> {
  const { lines, request, transfer } = pulling;
  const { store } = transfer;
  const { domain, path } = request.ref;
  const key = reference.startsWith('sha256:') ? { digest: reference } : { tag: reference };
  const ref: ImageReference = { domain, path, ...key };
  lines.say(`Pulling from ${path}`, 'digest' in key ? canonicalName(ref) : reference);
  const before = store.records.tagged(canonicalName(ref));
  const image = await fetchImage(pulling, found, [ref, { domain, path, digest: found.digest }]);
  lines.say(`Digest: ${found.digest}`);
  const labels = store.records.config(image).config?.Labels ?? {};
  const name = familiarRepository(ref);
  store.context.events.emit('image', 'pull', { id: familiarName(ref), attributes: { ...labels, name } });
  return { id: image.id, isNew: before !== image.id };
}

/** The image behind a manifest, put under its names. */
async function fetchImage(
  pulling: Pulling,
  found: FetchedManifest,
  refs: readonly ImageReference[],
): Promise<ImageRecord> {
  const { repository, transfer, request } = pulling;
  const { manifest } = await ofPlatform(pulling, found);
  if (manifest.kind === 'index')
    throw new GantryError('registry/protocol', 'an index within an index is not supported');
  const { store } = transfer;
  const known = store.records.image(manifest.config.digest);
  const configText = known?.configText ?? (await repository.config(manifest.config));
  checkPlatform(configText, request, pulling.platform);
  using _held = await pullLayers({ ...pulling, layers: manifest.layers, configText, isKnown: known !== undefined });
  return putImage(store, { configText, refs });
}

async function ofPlatform(pulling: Pulling, found: FetchedManifest): Promise<FetchedManifest> {
  if (found.manifest.kind === 'image') return found;
  const entry = choosePlatform(found.manifest.entries, pulling.platform);
  if (entry === undefined) {
    const wanted = platformText(pulling.platform);
    throw new GantryError('registry/not-found', `no matching manifest for ${wanted} in the manifest list entries`);
  }
  return await pulling.repository.manifest(entry.digest);
}

/** A manifest of one image says its platform only here; only one that was asked for is insisted on. */
function checkPlatform(configText: string, { platform, ref }: PullRequest, wanted: Platform): void {
  const { os, architecture } = parseImageConfig(configText);
  if (os !== 'linux') {
    throw new GantryError('registry/protocol', `image operating system "${os}" cannot be used on this platform`);
  }
  if (platform === '' || architecture === wanted.architecture) return;
  throw new GantryError(
    'registry/not-found',
    `image with reference ${familiarName(ref)} was found but does not match the specified platform: ` +
      `wanted ${platformText(wanted)}, actual: ${os}/${architecture}`,
  );
}
