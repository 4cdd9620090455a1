// POST /commit: what a container wrote becomes a layer on its image's, with a configuration by Docker's rules.
import type { ContainerConfig } from '../../api/containers.ts';
import { VERSION } from '../../base/version.ts';
import type { CommitRequest } from '../services.ts';
import { holdLayer, writeImage } from './add-layer.ts';
import { applyChanges } from './changes.ts';
import { mergeCommitted } from './merge-committed.ts';
import type { HistoryEntry, ImageConfig } from './config.ts';
import { lookUp, findImage } from './find.ts';
import { commitPending, publishDraft } from './pending.ts';
import type { ImageRecord, LayerRecord } from './records.ts';
import { familiarName, repositoryTag } from './reference.ts';
import { draftLayer } from './snapshot.ts';
import type { ImageStore } from './store.ts';
import { tagImage } from './tag.ts';

/** The diff id of an archive without entries: it becomes no layer. */
const EMPTY_LAYER = 'sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

/** Makes the image. Throws engine/bad-parameter for bad changes or names, before anything is written. */
export async function commitContainer(
  store: ImageStore,
  request: CommitRequest,
  options: { readonly signal: AbortSignal },
): Promise<{ readonly id: string; readonly name: string }> {
  const { image: parent } = lookUp(store.records, request.parent) ?? findImage(store.records, request.parent);
  const ref = repositoryTag(request.repo, request.tag);
  const changed = applyChanges(request.config ?? request.containerConfig, request.changes);
  const config = mergeCommitted(changed, request.containerConfig);
  // the container may be removed meanwhile, and its image with it
  using holds = new DisposableStack();
  for (const chain of parent.chains) holds.use(holdLayer(store, chain));
  const layer = await layerOf(store, { parent, upper: request.upper }, options);
  holds.defer(() => store.pins.drop(layer.chain));
  const configText = JSON.stringify(imageConfig(store, { parent, layer, config, request }));
  const image = await commitPending(store, [layer.chain], () => writeImage(store, { configText, parent: parent.id }));
  if (ref !== undefined) tagImage(store, image, ref);
  return { id: image.id, name: ref === undefined ? '' : familiarName(ref) };
}

interface Upper {
  readonly parent: ImageRecord;
  readonly upper: string;
}

async function layerOf(
  store: ImageStore,
  { parent, upper }: Upper,
  options: { readonly signal: AbortSignal },
): Promise<LayerRecord> {
  const below = parent.chains.at(-1);
  const draft = await draftLayer(store, { upper, keep: true, ...(below === undefined ? {} : { below }) }, options);
  return await publishDraft(store, draft);
}

interface Parts {
  readonly parent: ImageRecord;
  readonly layer: LayerRecord;
  readonly config: ContainerConfig;
  readonly request: CommitRequest;
}

function imageConfig(store: ImageStore, { parent, layer, config, request }: Parts): ImageConfig {
  const { architecture, os, variant, rootfs, history } = store.records.config(parent);
  const isEmpty = layer.diffId === EMPTY_LAYER;
  const { author, comment } = request;
  const step: HistoryEntry = {
    created: new Date().toISOString(),
    ...(author === '' ? {} : { author }),
    created_by: (request.containerConfig.Cmd ?? []).join(' '),
    ...(comment === '' ? {} : { comment }),
    ...(isEmpty ? { empty_layer: true } : {}),
  };
  return {
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(author === '' ? {} : { author }),
    config,
    container: request.container,
    container_config: request.containerConfig,
    created: step.created ?? '',
    docker_version: VERSION,
    history: [...(history ?? rootfs.diff_ids.map(() => ({}))), step],
    os,
    rootfs: { type: 'layers', diff_ids: isEmpty ? rootfs.diff_ids : [...rootfs.diff_ids, layer.diffId] },
  };
}
