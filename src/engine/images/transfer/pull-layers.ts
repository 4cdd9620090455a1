// The layers of a pull: those that are not here come three at a time, each told of as docker tells it. One that arrived
// whole stays when another fails, so that the next try goes on from there.
import { GantryError, isGantryError } from '../../../base/error.ts';
import type { Descriptor } from '../../registry/manifest.ts';
import type { Repository } from '../../registry/repository.ts';
import { addLayer, holdLayer, type HeldLayer } from '../add-layer.ts';
import { chainIds, parseImageConfig } from '../config.ts';
import { shortDigest, type ImageReference } from '../reference.ts';
import type { TransferLines } from './progress.ts';
import { noteSource, type TransferStore } from './store.ts';
import { together } from './together.ts';

/** The layers of one image. */
export interface LayersRequest {
  readonly transfer: TransferStore;
  readonly request: { readonly ref: ImageReference };
  readonly repository: Repository;
  readonly layers: readonly Descriptor[];
  readonly configText: string;
  /** The image is here already: nothing is said of its layers. */
  readonly isKnown: boolean;
  readonly lines: TransferLines;
  readonly signal: AbortSignal;
}

/** Fetches what is missing; the layers are held until this is disposed of. */
export async function pullLayers(request: LayersRequest): Promise<DisposableStack> {
  const diffIds = parseImageConfig(request.configText).rootfs.diff_ids;
  if (diffIds.length !== request.layers.length) {
    throw new GantryError('registry/protocol', "layers from manifest don't match image configuration");
  }
  const chains = chainIds(diffIds);
  const jobs = request.layers.map((layer, index) => ({
    layer,
    diffId: diffIds[index] ?? '',
    chain: chains[index] ?? '',
    below: chains[index - 1],
  }));
  using held = new DisposableStack();
  const missing = jobs.filter((job) => !holdKnown(request, job, held));
  for (const { layer } of missing) request.lines.say('Pulling fs layer', shortDigest(layer.digest));
  await together(missing, request.signal, async (job, signal) => {
    held.use(await pullLayer(request, job, signal));
  });
  for (const { layer, diffId } of jobs) {
    const { domain, path } = request.request.ref;
    noteSource(request.transfer.store, diffId, { digest: layer.digest, size: layer.size, domain, path });
  }
  return held.move();
}

interface LayerJob {
  readonly layer: Descriptor;
  readonly diffId: string;
  readonly chain: string;
  readonly below: string | undefined;
}

function holdKnown(request: LayersRequest, { layer, chain }: LayerJob, held: DisposableStack): boolean {
  const known = holdLayer(request.transfer.store, chain);
  if (known === undefined) return false;
  held.use(known);
  if (!request.isKnown) request.lines.say('Already exists', shortDigest(layer.digest));
  return true;
}

async function pullLayer(request: LayersRequest, job: LayerJob, signal: AbortSignal): Promise<HeldLayer> {
  const { downloads } = request.transfer;
  const id = shortDigest(job.layer.digest);
  if (downloads.isFull) request.lines.say('Waiting', id);
  return await downloads.use(async () => {
    const held = await fetchLayer(request, job, signal);
    request.lines.say(held.known ? 'Already exists' : 'Pull complete', id);
    return held;
  });
}

/** Bytes put together from several connections that are wrong get one more chance. */
async function fetchLayer(request: LayersRequest, job: LayerJob, signal: AbortSignal): Promise<HeldLayer> {
  const resumed = { times: 0 };
  try {
    return await fetchOnce(request, job, { signal, resumed });
  } catch (error) {
    if (resumed.times === 0 || !isGantryError(error, 'engine/bad-parameter')) throw error;
    return await fetchOnce(request, job, { signal, resumed });
  }
}

async function fetchOnce(
  request: LayersRequest,
  { layer, diffId, below }: LayerJob,
  { signal, resumed }: { readonly signal: AbortSignal; readonly resumed: { times: number } },
): Promise<HeldLayer> {
  const { lines, repository, transfer } = request;
  const id = shortDigest(layer.digest);
  const total = layer.size;
  return await addLayer(
    transfer.store,
    {
      open: () =>
        repository.layer(layer, {
          onBytes: (current) => lines.bar('Downloading', id, { current, total }),
          onResume: () => (resumed.times += 1),
          signal,
        }),
      below,
      diffId,
      digest: layer.digest,
      onReceived: () => {
        lines.say('Verifying Checksum', id);
        lines.say('Download complete', id);
      },
      onUnpacked: (current) => lines.bar('Extracting', id, { current, total }),
    },
    { signal },
  );
}
