// Routes of volumes: from queries and bodies to the volumes area and back.
import type { VolumeList } from '../../../api/objects.ts';
import { GantryError } from '../../../base/error.ts';
import { LIST_FILTERS, PRUNE_FILTERS } from '../../volumes/filter.ts';
import type { NewVolume } from '../../volumes/store.ts';
import type { Volumes } from '../../volumes/volumes.ts';
import type { ApiRequest, Handlers } from '../types.ts';

/** Handlers over the volumes area. */
export function volumeRoutes(volumes: Volumes): Handlers {
  return {
    volumeList: (request) => {
      const list: VolumeList = { Volumes: volumes.list(request.query.filters(LIST_FILTERS)), Warnings: [] };
      return Promise.resolve({ json: list });
    },
    volumeCreate: async (request) => ({ status: 201, json: await volumes.create(newVolume(await request.json())) }),
    volumeInspect: (request) => Promise.resolve({ json: volumes.inspect(nameOf(request)) }),
    volumeRemove: async (request) => {
      await volumes.remove(nameOf(request), { force: request.query.flag('force', false) });
      return { status: 204 };
    },
    volumePrune: async (request) => {
      const filters = request.query.filters(PRUNE_FILTERS);
      // before 1.42 named volumes went too
      const every = request.since('1.42') ? filters : new Map([['all', ['true']], ...filters]);
      return { json: await volumes.prune(every) };
    },
  };
}

function nameOf(request: ApiRequest): string {
  return request.params['id'] ?? '';
}

function newVolume(body: unknown): NewVolume {
  const fields = record(body ?? {}, 'the body');
  return {
    name: optionalText(fields['Name'], 'Name') ?? '',
    driver: optionalText(fields['Driver'], 'Driver'),
    driverOpts: textMap(fields['DriverOpts'], 'DriverOpts'),
    labels: textMap(fields['Labels'], 'Labels'),
  };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(`${what} must be an object`);
  return value as Readonly<Record<string, unknown>>;
}

function optionalText(value: unknown, what: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw bad(`${what} must be a string`);
  return value;
}

function textMap(value: unknown, what: string): Readonly<Record<string, string>> | undefined {
  if (value === undefined || value === null) return undefined;
  const entries = Object.entries(record(value, what));
  return Object.fromEntries(entries.map(([key, item]) => [key, optionalText(item, `${what}.${key}`) ?? '']));
}

function bad(message: string): GantryError {
  return new GantryError('engine/bad-parameter', `invalid JSON: ${message}`);
}
