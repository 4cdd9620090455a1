import { describe, expect, it } from 'vitest';
import {
  hostnameFile,
  hostsFile,
  parseResolvConf,
  plainResolvConf,
  resolverResolvConf,
} from '../../../../src/engine/networks/files.ts';
import { parseRoutes } from '../../../../src/engine/networks/host-net.ts';

const host = parseResolvConf(
  '# by hand\nnameserver 127.0.0.53\nnameserver 10.0.0.2 # second\nnameserver oops\nsearch a.example b.example\noptions edns0 trust-ad\n',
);
const nothing = { servers: [], search: [], options: [] };

describe('resolv.conf', () => {
  it('is read', () => {
    expect(host).toEqual({
      servers: ['127.0.0.53', '10.0.0.2'],
      search: ['a.example', 'b.example'],
      options: ['edns0', 'trust-ad'],
    });
  });

  it('of a user-defined network names the resolver and where it asks', () => {
    const text = resolverResolvConf({ host, own: nothing });
    expect(text).toContain('\nnameserver 127.0.0.11\nsearch a.example b.example\noptions edns0 trust-ad ndots:0\n');
    expect(text).toContain('# ExtServers: [host(127.0.0.53) host(10.0.0.2)]');
  });

  it('lets the container have its own servers, search and ndots', () => {
    const text = resolverResolvConf({ host, own: { servers: ['1.1.1.1'], search: ['.'], options: ['ndots:2'] } });
    expect(text).toContain('\noptions ndots:2\n');
    expect(text).not.toContain('search');
    expect(text).toContain('ExtServers: [1.1.1.1]');
  });

  it('of the default network leaves out what only the host can ask', () => {
    expect(plainResolvConf({ host, own: nothing })).toContain('\nnameserver 10.0.0.2\nsearch');
    expect(plainResolvConf({ host: nothing, own: nothing })).toContain('nameserver 8.8.8.8\nnameserver 8.8.4.4\n');
  });
});

describe('hosts and hostname', () => {
  it('name localhost, extra hosts and the container', () => {
    const text = hostsFile({
      hostname: 'web',
      domainname: 'example.com',
      addresses: ['172.18.0.2'],
      extraHosts: [{ name: 'db', address: '10.0.0.9' }],
      ipv6: false,
    });
    expect(text).toBe('127.0.0.1\tlocalhost\n10.0.0.9\tdb\n172.18.0.2\tweb.example.com web\n');
    expect(hostnameFile('web')).toBe('web\n');
  });

  it('have the IPv6 names where there is IPv6', () => {
    expect(hostsFile({ hostname: 'a', domainname: '', addresses: [], extraHosts: [], ipv6: true })).toContain(
      '::1\tlocalhost ip6-localhost ip6-loopback\n',
    );
  });
});

describe('host routes', () => {
  it('are read without default routes', () => {
    const table = [
      'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
      'eth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\t0\t0',
      'eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0',
      'wg0\t0000A8C0\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    ].join('\n');
    expect(parseRoutes(table)).toEqual(['10.0.0.0/24', '192.168.0.0/16']);
  });
});
