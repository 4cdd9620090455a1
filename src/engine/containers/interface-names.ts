// Names of a container's interfaces: those that are asked for, and eth0, eth1 … for the others.
import type { EndpointConfig } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';

const OPTION = 'com.docker.network.endpoint.ifname';
/** What the kernel takes, without the names it has a use for. */
const VALID = /^(?!\.{1,2}$|lo$|all$|default$)[^\s/:%]{1,15}$/;

/** The name an endpoint asks for. Throws engine/bad-parameter for what no interface can be called. */
export function wantedInterface(config: EndpointConfig): string | undefined {
  const name = config.DriverOpts?.[OPTION] ?? '';
  if (name === '') return undefined;
  if (VALID.test(name)) return name;
  throw new GantryError('engine/bad-parameter', `invalid interface name ${JSON.stringify(name)}`);
}

/** The names of all endpoints, in their order. Throws engine/bad-parameter where two ask for the same. */
export function interfaceNames(configs: readonly EndpointConfig[]): readonly string[] {
  const wanted = configs.map(wantedInterface);
  const taken = new Set<string>();
  for (const name of wanted) {
    if (name !== undefined && taken.has(name))
      throw new GantryError('engine/bad-parameter', `two interfaces of a container cannot both be called ${name}`);
    if (name !== undefined) taken.add(name);
  }
  return wanted.map((name) => {
    const given = name ?? freeInterface(taken);
    taken.add(given);
    return given;
  });
}

/** The first of eth0, eth1 … that is not taken. */
export function freeInterface(taken: ReadonlySet<string | undefined>): string {
  let number = 0;
  while (taken.has(`eth${number}`)) number += 1;
  return `eth${number}`;
}
