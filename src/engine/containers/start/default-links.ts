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

/** Of `HostConfig.Links`, as far as the linked containers run now. */
export function defaultLinks(containers: Containers, record: ContainerRecord): DefaultLinks {
  const all = linksOf(containers, record).flatMap(({ alias, target }) => {
    const address = addressOf(containers, target);
    return target === undefined || address === '' ? [] : [{ alias, target, address }];
  });
  return {
    hosts: all.map(({ alias, target, address }) => ({
      name: [...new Set([alias, shortId(target.id), target.name])].join(' '),
      address,
    })),
    env: all.flatMap((link) => linkEnv(record, link)),
  };
}

/** Throws engine/conflict when a linked container does not run, as it must when this one starts. */
export function checkLinks(containers: Containers, record: ContainerRecord): void {
  for (const { name, alias, target } of linksOf(containers, record)) {
    if (addressOf(containers, target) !== '') continue;
    throw new GantryError(
      'engine/conflict',
      `Cannot link to a non running container: /${name} AS /${record.name}/${alias}`,
    );
  }
}

/** `name:alias` of a member of the default bridge; the target is looked up by its name as it is now. */
function linksOf(
  { store, networks }: Containers,
  record: ContainerRecord,
): readonly { readonly name: string; readonly alias: string; readonly target: ContainerRecord | undefined }[] {
  const bridge = networks.list().find((network) => network.isDefault);
  if (!Object.values(record.networks).some((member) => member.networkId === bridge?.id)) return [];
  return (record.host.Links ?? []).map((link) => {
    const [name = '', alias = name] = link.replace(/^\//, '').split(':');
    return { name, alias, target: store.get(store.idOfName(name) ?? name)?.record };
  });
}

function addressOf({ networks }: Containers, target: ContainerRecord | undefined): string {
  const bridge = networks.list().find((network) => network.isDefault);
  const member = Object.values(target?.networks ?? {}).find(({ networkId }) => networkId === bridge?.id);
  return target !== undefined && isAlive(target) ? (member?.endpoint?.address ?? '') : '';
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
