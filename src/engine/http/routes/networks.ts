// Routes of networks: from queries and bodies to the networks and containers areas and back.
import type { EndpointConfig } from '../../../api/containers.ts';
import { GantryError } from '../../../base/error.ts';
import { readNewNetwork } from '../../networks/create.ts';
import { LIST_FILTERS, PRUNE_FILTERS } from '../../networks/select.ts';
import type { Networks } from '../../networks/service.ts';
import type { ContainerNetworking } from '../../services.ts';
import { flagField, objectField, textField } from '../fields.ts';
import type { ApiRequest, Handlers } from '../types.ts';

/** Handlers over the networks area, and over the containers area for connecting. */
export function networkRoutes(networks: Networks, containers: ContainerNetworking): Handlers {
  return {
    networkList: (request) => Promise.resolve({ json: networks.select(request.query.filters(LIST_FILTERS)) }),
    networkInspect: (request) => Promise.resolve({ json: networks.inspect(idOf(request)) }),
    networkCreate: async (request) => {
      const id = await networks.create(readNewNetwork(await request.json()));
      return { status: 201, json: { Id: id, Warning: '' } };
    },
    networkRemove: async (request) => {
      await networks.remove(idOf(request), { signal: request.signal });
      return { status: 204 };
    },
    networkPrune: async (request) => {
      const names = await networks.prune(request.query.filters(PRUNE_FILTERS), { signal: request.signal });
      return { json: { NetworksDeleted: names.length === 0 ? null : names } };
    },
    networkConnect: async (request) => {
      const network = networks.resolve(idOf(request));
      const body = objectField(await request.json(), 'the body');
      const config: EndpointConfig = objectField(body['EndpointConfig'], 'EndpointConfig');
      await containers.connect(containerOf(body), { network, config }, { signal: request.signal });
      return { status: 200 };
    },
    networkDisconnect: async (request) => {
      const network = networks.resolve(idOf(request));
      const body = objectField(await request.json(), 'the body');
      const force = flagField(body['Force'], 'Force') ?? false;
      await containers.disconnect(containerOf(body), { network, force }, { signal: request.signal });
      return { status: 200 };
    },
  };
}

function idOf(request: ApiRequest): string {
  return request.params['id'] ?? '';
}

function containerOf(body: Readonly<Record<string, unknown>>): string {
  const container = textField(body['Container'], 'Container') ?? '';
  if (container === '') throw new GantryError('engine/bad-parameter', 'invalid JSON: Container is missing');
  return container;
}
