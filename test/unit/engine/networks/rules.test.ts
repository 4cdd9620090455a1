import { describe, expect, it } from 'vitest';
import {
  baseRules,
  chainNames,
  containerRules,
  gatewayPlace,
  networkRules,
  placesOf,
  type Rule,
} from '../../../../src/engine/networks/rules.ts';
import { countOwn, parseSaved, standing, stepText, wholeText } from '../../../../src/engine/networks/restore-text.ts';
import { container, internal, network } from './samples.ts';

const chains = chainNames('');
const v4 = { chains, family: 4 } as const;
const specs = (rules: readonly Rule[]): string[] => rules.map(({ table, chain, spec }) => `${table} ${chain} ${spec}`);
const NOTHING = standing([]);

describe('rules', () => {
  it('of a network accept, isolate and masquerade', () => {
    expect(specs(networkRules(network, chains, 4))).toEqual([
      'raw GANTRY-RAW -d 172.18.0.1/32 -j RETURN',
      'raw GANTRY-RAW -d 172.18.0.0/16 ! -i br-111111111111 -j DROP',
      'filter GANTRY-CT -o br-111111111111 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      'filter GANTRY-BRIDGE -o br-111111111111 -j GANTRY',
      'filter GANTRY -o br-111111111111 -m conntrack --ctstate DNAT -j ACCEPT',
      'filter GANTRY ! -i br-111111111111 -o br-111111111111 -j DROP',
      'filter GANTRY-FORWARD -i br-111111111111 -j ACCEPT',
      'nat GANTRY-POST -s 172.18.0.0/16 ! -o br-111111111111 -j MASQUERADE',
      'nat GANTRY-POST -s 172.18.0.0/16 -o br-111111111111 -m conntrack --ctstate DNAT -j MASQUERADE',
      'nat GANTRY-POST -s 127.0.0.0/8 -o br-111111111111 -j MASQUERADE',
    ]);
  });

  it('of an internal network let nothing in or out', () => {
    expect(specs(networkRules(internal, chains, 4))).toEqual([
      'raw GANTRY-RAW -d 172.19.0.1/32 -j RETURN',
      'raw GANTRY-RAW -d 172.19.0.0/16 ! -i br-222222222222 -j DROP',
      'filter GANTRY-INTERNAL ! -d 172.19.0.0/16 -i br-222222222222 -j DROP',
      'filter GANTRY-INTERNAL ! -s 172.19.0.0/16 -o br-222222222222 -j DROP',
      'filter GANTRY-FORWARD -i br-222222222222 -o br-222222222222 -j ACCEPT',
    ]);
  });

  it('without icc drop what goes from neighbour to neighbour, but for published ports', () => {
    const rules = networkRules({ ...network, icc: false, masquerade: false }, chains, 4);
    const forward = rules.filter(({ chain }) => chain === chains.forward);
    expect(forward.map(({ spec }) => spec)).toEqual([
      '-i br-111111111111 -o br-111111111111 -j DROP',
      '-i br-111111111111 -j ACCEPT',
    ]);
    expect(specs(rules)).toContain('filter GANTRY -o br-111111111111 -m conntrack --ctstate DNAT -j ACCEPT');
  });

  it('of a container lead its ports to it, those of each family by themselves', () => {
    expect(specs(containerRules(container, [network, internal], v4))).toEqual([
      'nat GANTRY -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80',
    ]);
    expect(containerRules(container, [network, internal], { chains, family: 6 })).toEqual([]);
    const endpoints = container.endpoints.map((endpoint) => ({ ...endpoint, address6: 'fd00::2' }));
    expect(specs(containerRules({ ...container, endpoints }, [network], { chains, family: 6 }))).toEqual([
      'nat GANTRY -p tcp -m tcp --dport 8080 -j DNAT --to-destination [fd00::2]:80',
    ]);
  });

  it('of a network with IPv6 are made for it too, without ways to ::1', () => {
    const dual = { ...network, subnet6: 'fd00::/64', gateway6: 'fd00::1' };
    expect(specs(networkRules(dual, chains, 6))).toEqual([
      'raw GANTRY-RAW -d fd00::1/128 -j RETURN',
      'raw GANTRY-RAW -d fd00::/64 ! -i br-111111111111 -j DROP',
      ...specs(networkRules(network, chains, 4))
        .slice(2, 7)
        .concat(specs(networkRules(network, chains, 4)).slice(7, 9))
        .map((spec) => spec.replace('172.18.0.0/16', 'fd00::/64')),
    ]);
    expect(networkRules(network, chains, 6)).toEqual([]);
    expect(specs(baseRules(chains, 6))).toContain('nat OUTPUT ! -d ::1/128 -m addrtype --dst-type LOCAL -j GANTRY');
    expect(specs(baseRules(chains, 6)).join()).not.toContain('127.');
  });

  it('bind a port to its host address and publish nothing of internal networks', () => {
    const bound = {
      ...container,
      ports: [{ hostIp: '127.0.0.1', hostPort: 53, proto: 'udp' as const, containerPort: 53 }],
    };
    expect(specs(containerRules(bound, [network, internal], v4))).toContain(
      'nat GANTRY -d 127.0.0.1/32 -p udp -m udp --dport 53 -j DNAT --to-destination 172.18.0.2:53',
    );
    expect(specs(containerRules({ ...container, endpoints: container.endpoints.slice(1) }, [internal], v4))).toEqual(
      [],
    );
  });

  it('choose the gateway by priority, then by reach, then by name', () => {
    const [first, second] = placesOf(container, [network, internal]);
    if (first === undefined || second === undefined) throw new Error('two places');
    expect(gatewayPlace([second, first])).toBe(first);
    const preferred = { ...second, endpoint: { ...second.endpoint, gatewayPriority: 1 } };
    expect(gatewayPlace([first, preferred])).toBe(preferred);
    const other = { ...first, network: { ...first.network, name: 'earlier' } };
    expect(gatewayPlace([first, other])).toBe(other);
  });

  it('of another kind of network are none', () => {
    expect(networkRules({ ...network, driver: 'host' }, chains, 4)).toEqual([]);
  });
});

describe('restore input', () => {
  const small = standing([...baseRules(chains, 4), ...networkRules(internal, chains, 4)]);
  const large = standing([
    ...small.values(),
    ...networkRules(network, chains, 4),
    ...containerRules(container, [network], v4),
  ]);

  it('makes the chains with the first rule and removes them with the last', () => {
    const up = stepText(NOTHING, small, chains);
    expect(up).toContain(
      '*raw\n:GANTRY-RAW - [0:0]\n-I GANTRY-RAW 1 -d 127.0.0.0/8 ! -i lo -j DROP\n-I PREROUTING 1 -j GANTRY-RAW\n',
    );
    expect(up).toContain('-I FORWARD 1 -j GANTRY-FORWARD\n');
    const down = stepText(small, NOTHING, chains);
    expect(down).toContain('*raw\n-D PREROUTING -j GANTRY-RAW\n-F GANTRY-RAW\n-X GANTRY-RAW\nCOMMIT\n');
  });

  it('says only what changes, and accepts before it drops', () => {
    const added = stepText(small, large, chains);
    expect(added).not.toContain(':GANTRY');
    expect(added).toContain('--ctstate DNAT -j ACCEPT\n-A GANTRY ! -i br-111111111111 -o br-111111111111 -j DROP\n');
    expect(stepText(large, large, chains)).toBe('');
    expect(stepText(large, small, chains)).not.toMatch(/^-[AIFX]/m);
  });

  it('touches one table for a container that comes or goes', () => {
    const without = standing([...small.values(), ...networkRules(network, chains, 4)]);
    expect(stepText(without, large, chains)).toBe(
      '*nat\n-A GANTRY -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80\nCOMMIT\n',
    );
  });

  it('writes everything anew over what was left, without doubling the ways in', () => {
    const saved = parseSaved(
      '*filter\n:FORWARD DROP [0:0]\n:GANTRY-FORWARD - [0:0]\n-A FORWARD -j GANTRY-FORWARD\n-A FORWARD -j DOCKER\n-A GANTRY-FORWARD -j GANTRY-CT\nCOMMIT\n',
    );
    const text = wholeText(saved, small, chains);
    expect(text).toContain('-D FORWARD -j GANTRY-FORWARD\n');
    expect(text).not.toContain('DOCKER');
    expect(wholeText(saved, NOTHING, chains)).toBe(
      '*filter\n-D FORWARD -j GANTRY-FORWARD\n-F GANTRY-FORWARD\n-X GANTRY-FORWARD\nCOMMIT\n',
    );
    expect(countOwn(saved, chains)).toBe(2);
    expect(saved.filter.chains.get('FORWARD')).toBe('DROP');
  });
});
