// The images area: puts the parts together for the daemon. Holds no state but the store.
import type { HistoryItem, ImageDeleteItem, ImageInspect, ImageSummary } from '../../api/objects.ts';
import type { Env } from '../../base/env.ts';
import { GantryError } from '../../base/error.ts';
import { KeyedMutex } from '../../base/semaphore.ts';
import { imageRoutes } from '../http/routes/images.ts';
import type { Area, EngineContext, ImageService, RunnableImage, UsageService } from '../services.ts';
import { commitContainer } from './commit.ts';
import { filterImages, withNamesOf, type Filters } from './filter.ts';
import { findImage, lookUp } from './find.ts';
import { imageFolders } from './folders.ts';
import { gantryFs } from '../gantry-fs.ts';
import { importImage, type ImportRequest } from './import.ts';
import { imageHistory, inspectImage, summarizeImage } from './inspect.ts';
import { layerFolders } from './layers.ts';
import { createPins } from '../pins.ts';
import { parsePlatform, platformText, type Platform } from './platform.ts';
import { imageRecords } from './records.ts';
import { repositoryTag } from './reference.ts';
import { pruneImages, removeImage } from './remove.ts';
import type { ImageStore } from './store.ts';
import { prepareStore } from './sweep.ts';
import { tagImage } from './tag.ts';
import { transferStore, type TransferStore } from './transfer/store.ts';

/** All that can be done with images. */
export interface Images extends ImageService {
  import(request: ImportRequest, options: { readonly signal: AbortSignal }): Promise<string>;
  list(filters: Filters, options: { readonly noneTags: boolean }): ImageSummary[];
  inspect(name: string): ImageInspect;
  history(name: string): HistoryItem[];
  tag(name: string, repo: string, tag: string): void;
  remove(name: string, options: { readonly force: boolean }): Promise<ImageDeleteItem[]>;
  prune(filters: Filters): Promise<{ ImagesDeleted: ImageDeleteItem[] | null; SpaceReclaimed: number }>;
}

/** Seams of the images area. `usage` must be able to answer when the area is restored. */
export interface ImagesDeps {
  readonly usage: UsageService;
  /** Path of gantry-fs. */
  readonly gantryFs: string;
  /** The engine's environment: proxies, settings folder, certificate authorities. Default: none. */
  readonly env?: Env;
}

/** Makes the images area; its service can be used once `restore` has run. The store is for those who make images. */
export function createImages(
  context: EngineContext,
  deps: ImagesDeps,
): { readonly images: Images; readonly area: Area; readonly store: ImageStore; readonly transfer: TransferStore } {
  const store: ImageStore = {
    context,
    usage: deps.usage,
    folders: imageFolders(context.paths.data),
    records: imageRecords(context.db),
    fs: gantryFs(deps.gantryFs),
    pins: createPins(),
    lock: new KeyedMutex(),
    pending: new Map(),
  };
  const images = imagesOf(store);
  const transfer = transferStore(store, deps.env ?? {});
  const area: Area = {
    handlers: imageRoutes(images, transfer),
    restore: async () => await prepareStore(store),
    isBusy: () => store.pins.isAny(),
    info: async () => {
      const { registryInfo } = await import('../registry/info.ts');
      const Images = images.list(new Map(), { noneTags: false }).length;
      return { Images, ...(await registryInfo(deps.env ?? {})) };
    },
  };
  return { images, area, store, transfer };
}

function imagesOf(store: ImageStore): Images {
  const visible = (): ReturnType<typeof store.records.images> =>
    store.records.images().filter((image) => image.hidden !== true);
  return {
    resolve: (name, platform) => resolve(store, name, platform),
    commit: async (request, options) => await commitContainer(store, request, options),
    import: async (request, options) => await importImage(store, request, options),
    list: (filters, { noneTags }) =>
      filterImages(store, visible(), filters)
        .map((image) => withNamesOf(filters, summarizeImage(store, image, noneTags)))
        .sort((a, b) => b.Created - a.Created),
    inspect: (name) => inspectImage(store, findImage(store.records, name).image),
    history: (name) => imageHistory(store, findImage(store.records, name).image),
    tag: (name, repo, tag) => {
      const ref = repositoryTag(repo, tag);
      if (ref === undefined) throw new GantryError('engine/bad-parameter', 'invalid reference format');
      refuseDigestName(ref.path);
      tagImage(store, findImage(store.records, name).image, ref);
    },
    remove: async (name, { force }) => await removeImage(store, name, force),
    prune: async (filters) => await pruneImages(store, filters),
  };
}

/** A hidden image still runs by its full id: its containers need it. */
function resolve(store: ImageStore, name: string, platform = ''): RunnableImage {
  const { image } = lookUp(store.records, name) ?? findImage(store.records, name);
  const config = store.records.config(image);
  if (platform !== '') checkPlatform(name, config, parsePlatform(platform));
  return {
    id: image.id,
    config: config.config ?? {},
    layers: layerFolders(store.folders, config.rootfs.diff_ids),
  };
}

function checkPlatform(name: string, { os, architecture }: Platform, wanted: Platform): void {
  if (os === wanted.os && architecture === wanted.architecture) return;
  throw new GantryError(
    'engine/not-found',
    `image with reference ${name} was found but does not match the specified platform: ` +
      `wanted ${platformText(wanted)}, actual: ${os}/${architecture}`,
  );
}

/** `sha256:abc` must stay the start of an id. */
function refuseDigestName(path: string): void {
  if (path !== 'library/sha256') return;
  throw new GantryError('engine/bad-parameter', 'refusing to create an ambiguous tag using digest algorithm as name');
}
