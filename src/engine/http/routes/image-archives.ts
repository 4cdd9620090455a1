// Routes that take images in and give them out as archives: save, load, import.
import type { Writable } from 'node:stream';
import { GantryError, messageOf } from '../../../base/error.ts';
import { tellDiskFull } from '../../disk-full.ts';
import { importImage, type ImportRequest } from '../../images/import.ts';
import type { LayerProgress } from '../../images/load/load.ts';
import { parsePlatform } from '../../images/platform.ts';
import { repositoryTag, shortDigest } from '../../images/reference.ts';
import type { ImageStore } from '../../images/store.ts';
import { barLine, errorLine, PROGRESS_TYPE, progressLine } from '../progress.ts';
import { drain } from '../drain.ts';
import type { ApiRequest, Handlers, StreamAnswer } from '../types.ts';
import { writeOut } from '../write-out.ts';

/** Least time between two lines about the progress of one layer, in ms. */
const PROGRESS_MS = 100;

/** Handlers over the image store. */
export function imageArchiveRoutes(store: ImageStore): Handlers {
  return {
    imageSave: async ({ params }) => await save(store, [params['name'] ?? '']),
    imagesSave: async ({ query }) =>
      await save(
        store,
        query.all('names').flatMap((names) => names.split(',')),
      ),
    imageLoad: async (request) => await Promise.resolve(load(store, request)),
  };
}

async function save(store: ImageStore, names: readonly string[]): Promise<StreamAnswer> {
  const { imagesToSave, saveImages } = await import('../../images/save.ts');
  const images = imagesToSave(store, names);
  return {
    headers: { 'Content-Type': 'application/x-tar' },
    write: async (out, signal) => {
      for await (const chunk of saveImages(store, images, { signal })) {
        if (!(await writeOut(out, chunk, signal))) return;
      }
    },
  };
}

function load(store: ImageStore, { body, query }: ApiRequest): StreamAnswer {
  const quiet = query.flag('quiet', true);
  const platform = query.text('platform');
  const wanted = platform === undefined || platform === '' ? undefined : parsePlatform(platform);
  return {
    headers: { 'Content-Type': PROGRESS_TYPE },
    write: async (out, signal) => {
      const { loadImages } = await import('../../images/load/load.ts');
      const request = {
        body: body.iterator({ destroyOnReturn: false }),
        platform: wanted,
        say: (line: string) => void out.write(progressLine({ stream: `${line}\n` })),
        progress: quiet ? () => undefined : progressTo(out),
      };
      await inStream({ out, body, signal }, async () => loadImages(store, request, { signal }));
    },
  };
}

/** Tells of a layer at most every PROGRESS_MS, and always of its end. */
function progressTo(out: Writable): (layer: LayerProgress) => void {
  const last = new Map<string, number>();
  return ({ diffId, current, total }) => {
    const now = performance.now();
    if (current < total && now - (last.get(diffId) ?? -PROGRESS_MS) < PROGRESS_MS) return;
    last.set(diffId, now);
    out.write(barLine('Loading layer', shortDigest(diffId), { current, total }));
  };
}

interface Exchange {
  readonly out: Writable;
  readonly body: ApiRequest['body'];
  readonly signal: AbortSignal;
}

/** A failure after the head becomes the last line. The rest of the body is read, else its sender would miss that line. */
async function inStream({ out, body, signal }: Exchange, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (thrown) {
    signal.throwIfAborted();
    const error = tellDiskFull(thrown);
    const hint = error instanceof GantryError && error.hint !== undefined ? ` (${error.hint})` : '';
    out.write(errorLine(`${messageOf(error)}${hint}`));
    await drain(body, { signal });
  }
}

/** POST /images/create with `fromSrc`: `-` is the request's body, anything else a URL. */
export async function importRoute(store: ImageStore, request: ApiRequest): Promise<StreamAnswer> {
  const { query, signal } = request;
  const source = query.text('fromSrc') ?? '';
  const common = {
    ref: repositoryTag(query.text('repo') ?? '', query.text('tag') ?? ''),
    message: query.text('message') || `Imported from ${source}`,
    changes: query.all('changes'),
    platform: query.text('platform') || undefined,
  };
  if (source !== '-') return await importFromUrl(store, request, common);
  const body = request.body.iterator({ destroyOnReturn: false });
  const id = await importImage(store, { ...common, body }, { signal });
  return statusLine({ status: id });
}

async function importFromUrl(
  store: ImageStore,
  { query, body }: ApiRequest,
  common: Omit<ImportRequest, 'body'>,
): Promise<StreamAnswer> {
  const { archiveUrl, download } = await import('../../images/download.ts');
  const url = archiveUrl(query.text('fromSrc') ?? '');
  return {
    headers: { 'Content-Type': PROGRESS_TYPE },
    write: async (out, signal) => {
      out.write(progressLine({ status: `Downloading from ${url.href}` }));
      await inStream({ out, body, signal }, async () => {
        const id = await importImage(store, { ...common, body: await download(url, { signal }) }, { signal });
        out.write(progressLine({ status: id }));
      });
    },
  };
}

function statusLine(message: Readonly<Record<string, string>>): StreamAnswer {
  return {
    headers: { 'Content-Type': PROGRESS_TYPE },
    write: (out) => {
      out.write(progressLine(message));
      return Promise.resolve();
    },
  };
}
