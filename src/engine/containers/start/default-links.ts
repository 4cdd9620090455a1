// Links on the default bridge, where there is no resolver: lines in /etc/hosts and variables, as Docker always had them.
import { GantryError } from '../../../base/error.ts';
import type { Containers } from '../context.ts';
import { isAlive, shortId, type ContainerRecord } from '../record.ts';

/** What links add to a container. */
export interface DefaultLinks {
  readonly hosts: readonly { readonly name: string; readonly address: string }[];
  /** `DB_PORT=tcp://172.17.0.2:5432` and so on. */
  readonly env: readonly string[];
}

/** Of `HostConfig.Links`. Throws engine/conflict when a linked container does not run. */
export function defaultLinks({ store, networks }: Containers, record: ContainerRecord): DefaultLinks {
  const bridge = networks.list().find((network) => network.isDefault);
  const isMember = Object.values(record.networks).some((member) => member.networkId === bridge?.id);
  if (!isMember) return { hosts: [], env: [] };
  const all = (record.host.Links ?? []).map((link) => {
    const [name = '', alias = name.replace(/^\//, '')] = link.split(':');
    const target = store.find(name).record;
    const address =
      Object.values(target.networks).find((member) => member.networkId === bridge?.id)?.endpoint?.address ?? '';
    if (!isAlive(target) || address === '') {
      throw new GantryError(
        'engine/conflict',
        `Cannot link to a non running container: /${target.name} AS /${record.name}/${alias}`,
      );
    }
    return { alias, target, address };
  });
  return {
    hosts: all.map(({ alias, target, address }) => ({
      name: [...new Set([alias, shortId(target.id), target.name])].join(' '),
      address,
    })),
    env: all.flatMap(({ alias, target, address }) => linkEnv(record, { alias, target, address })),
  };
}

function linkEnv(record: ContainerRecord, link: { alias: string; target: ContainerRecord; address: string }): string[] {
  const prefix = link.alias.toUpperCase().replace(/-/g, '_');
  const ports = Object.keys(link.target.config.ExposedPorts ?? {}).map((key) => key.split('/') as [string, string?]);
  const urls = ports.map(([port, proto = 'tcp']) => ({ port, proto, url: `${proto}://${link.address}:${port}` }));
  const first = urls[0];
  return [
    ...(first === undefined ? [] : [`${prefix}_PORT=${first.url}`]),
    ...urls.flatMap(({ port, proto, url }) => {
      const name = `${prefix}_PORT_${port}_${proto.toUpperCase()}`;
      return [`${name}=${url}`, `${name}_ADDR=${link.address}`, `${name}_PORT=${port}`, `${name}_PROTO=${proto}`];
    }),
    `${prefix}_NAME=/${record.name}/${link.alias}`,
  ];
}
