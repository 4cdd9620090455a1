// Routes of images: from queries and bodies to the images area and back.
import { GantryError } from '../../../base/error.ts';
import { LIST_FILTERS, PRUNE_FILTERS, type Filters } from '../../images/filter.ts';
import type { Images } from '../../images/images.ts';
import { familiarName, parseReference } from '../../images/reference.ts';
import type { ImageStore } from '../../images/store.ts';
import { imageArchiveRoutes, importRoute } from './image-archives.ts';
import type { ApiRequest, Handlers, StreamAnswer } from '../types.ts';

/** Handlers over the images area. */
export function imageRoutes(images: Images, store: ImageStore): Handlers {
  return {
    ...imageArchiveRoutes(store),
    imageList: async (request) => {
      const filters = listFilters(request);
      return await answer(() => images.list(filters, { noneTags: !request.since('1.43') }));
    },
    imageCreate: async (request) => await create(store, request),
    imageInspect: async (request) => await answer(() => images.inspect(nameOf(request))),
    imageHistory: async (request) => await answer(() => images.history(nameOf(request))),
    imageTag: async ({ query, ...request }) => {
      images.tag(request.params['name'] ?? '', query.text('repo') ?? '', query.text('tag') ?? '');
      return await Promise.resolve({ status: 201 });
    },
    imageRemove: async (request) => ({
      json: await images.remove(nameOf(request), { force: request.query.flag('force', false) }),
    }),
    imagePrune: async (request) => ({ json: await images.prune(request.query.filters(PRUNE_FILTERS)) }),
  };
}

function answer(make: () => unknown): Promise<{ json: unknown }> {
  return Promise.resolve({ json: make() });
}

function nameOf(request: ApiRequest): string {
  return request.params['name'] ?? '';
}

/** `filter=` is the old spelling of the reference filter. */
function listFilters({ query }: ApiRequest): Filters {
  const filters = query.filters(LIST_FILTERS);
  const old = query.text('filter');
  return old === undefined || old === '' ? filters : new Map([...filters, ['reference', [old]]]);
}

async function create(store: ImageStore, request: ApiRequest): Promise<StreamAnswer> {
  const { query } = request;
  const source = query.text('fromSrc') ?? '';
  if (source === '') throw pullRefused(query.text('fromImage') ?? '', query.text('tag') ?? '');
  return await importRoute(store, request);
}

function pullRefused(image: string, tag: string): GantryError {
  const separator = /^[a-z0-9]+:[0-9a-f]{32,}$/.test(tag) ? '@' : ':';
  const name = familiarName(parseReference(tag === '' ? image : `${image}${separator}${tag}`));
  return new GantryError(
    'engine/not-implemented',
    `pull access denied for ${name}: this engine has no registry support yet; import it with: docker import FILE ${name}`,
  );
}
