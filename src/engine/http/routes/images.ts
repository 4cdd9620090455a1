// Routes of images: from queries and bodies to the images area and back.
import { LIST_FILTERS, PRUNE_FILTERS, type Filters } from '../../images/filter.ts';
import type { Images } from '../../images/images.ts';
import type { TransferStore } from '../../images/transfer/store.ts';
import { imageArchiveRoutes, importRoute } from './image-archives.ts';
import type { ApiRequest, Handlers } from '../types.ts';
import { pullAnswer, registryRoutes } from './registry.ts';

/** Handlers over the images area. */
export function imageRoutes(images: Images, transfer: TransferStore): Handlers {
  return {
    ...imageArchiveRoutes(transfer.store),
    ...registryRoutes(transfer),
    imageList: async (request) => {
      const filters = listFilters(request);
      return await answer(() => images.list(filters, { noneTags: !request.since('1.43') }));
    },
    imageCreate: async (request) =>
      (request.query.text('fromSrc') ?? '') === ''
        ? await pullAnswer(transfer, request)
        : await importRoute(transfer.store, request),
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
