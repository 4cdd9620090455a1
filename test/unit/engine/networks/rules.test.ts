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
const specs = (rules: readonly Rule[]): string[] => rules.map(({ table, chain, spec }) => `${table} ${chain} ${spec}`);
const NOTHING = standing([]);

describe('rules', () => {
  it('of a network accept, isolate and masquerade', () => {
    expect(specs(networkRules(network, chains))).toEqual([
      'filter GANTRY-CT -o br-111111111111 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
      'filter GANTRY-BRIDGE -o br-111111111111 -j GANTRY',
      'filter GANTRY ! -i br-111111111111 -o br-111111111111 -j DROP',
      'filter GANTRY-FORWARD -i br-111111111111 -j ACCEPT',
      'nat GANTRY-POST -s 172.18.0.0/16 ! -o br-111111111111 -j MASQUERADE',
      'nat GANTRY-POST -s 172.18.0.0/16 -o br-111111111111 -m conntrack --ctstate DNAT -j MASQUERADE',
      'nat GANTRY-POST -s 127.0.0.0/8 -o br-111111111111 -j MASQUERADE',
    ]);
  });

  it('of an internal network let nothing in or out', () => {
    expect(specs(networkRules(internal, chains))).toEqual([
      'filter GANTRY-INTERNAL ! -d 172.19.0.0/16 -i br-222222222222 -j DROP',
      'filter GANTRY-INTERNAL ! -s 172.19.0.0/16 -o br-222222222222 -j DROP',
      'filter GANTRY-FORWARD -i br-222222222222 -o br-222222222222 -j ACCEPT',
    ]);
  });

  it('without icc drop what goes from neighbour to neighbour, but for published ports', () => {
    const forward = networkRules({ ...network, icc: false, masquerade: false }, chains).filter(
      ({ chain }) => chain === chains.forward,
    );
    expect(forward.map(({ spec }) => spec.split(' ').slice(4).join(' '))).toEqual([
      '-m conntrack --ctstate DNAT -j ACCEPT',
      '-j DROP',
      '',
    ]);
  });

  it('of a container close its addresses and lead its IPv4 ports to it', () => {
    expect(specs(containerRules(container, [network, internal], chains))).toEqual([
      'raw GANTRY-RAW -d 172.18.0.2/32 ! -i br-111111111111 -j DROP',
      'raw GANTRY-RAW -d 172.19.0.2/32 ! -i br-222222222222 -j DROP',
      'filter GANTRY -d 172.18.0.2/32 ! -i br-111111111111 -o br-111111111111 -p tcp -m tcp --dport 80 -j ACCEPT',
      'nat GANTRY -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.18.0.2:80',
    ]);
  });

  it('bind a port to its host address and publish nothing of internal networks', () => {
    const bound = {
      ...container,
      ports: [{ hostIp: '127.0.0.1', hostPort: 53, proto: 'udp' as const, containerPort: 53 }],
    };
    expect(specs(containerRules(bound, [network, internal], chains))).toContain(
      'nat GANTRY -d 127.0.0.1/32 -p udp -m udp --dport 53 -j DNAT --to-destination 172.18.0.2:53',
    );
    expect(
      specs(containerRules({ ...container, endpoints: container.endpoints.slice(1) }, [internal], chains)),
    ).toHaveLength(1);
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
    expect(networkRules({ ...network, driver: 'host' }, chains)).toEqual([]);
  });
});

describe('restore input', () => {
  const small = standing([...baseRules(chains), ...networkRules(internal, chains)]);
  const large = standing([
    ...small.values(),
    ...networkRules(network, chains),
    ...containerRules(container, [network], chains),
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
    expect(added.indexOf('-I GANTRY 1 -d 172.18.0.2/32')).toBeGreaterThan(0);
    expect(added).toContain('-A GANTRY ! -i br-111111111111 -o br-111111111111 -j DROP');
    expect(stepText(large, large, chains)).toBe('');
    expect(stepText(large, small, chains)).not.toMatch(/^-[AIFX]/m);
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
