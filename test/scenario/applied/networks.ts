// Networks, names, addresses and published ports, seen from inside containers and from the host.
import { inside, outside, shown, shownOf, subject, type Table } from './row.ts';

const address = (link: string): string => `ip -4 -o addr show ${link} | sed 's/.*inet //; s/ .*//'`;
const fetch = (target: string): string => `curl -s -m 2 ${target} || echo $?`;

/** A server where the container is, and a client on the host. */
const UDP = `nsenter --net=/proc/$PID_serves/ns/net python3 -c '
import socket
s = socket.socket(2, 2); s.settimeout(9); s.bind(("", 53)); s.sendto(*s.recvfrom(9))' &
exec python3 -c '
import socket, time
c = socket.socket(2, 2); c.settimeout(0.1)
for _ in range(90):
    try:
        c.sendto(b"pong", ("127.0.0.1", 18053)); print(c.recv(9).decode()); break
    except OSError: time.sleep(0.05)'`;
const NETWORKS_REST = `
networks:
  pool:
    driver: bridge
    driver_opts: { com.docker.network.driver.mtu: "1400" }
    attachable: true
    labels: { kind: pool }
    ipam:
      driver: default
      config:
        - subnet: 10.41.0.0/16
          ip_range: 10.41.5.0/30
          gateway: 10.41.9.1
          aux_addresses: { one: 10.41.5.0, two: 10.41.5.1, three: 10.41.5.2 }
  fixed: { ipam: { config: [{ subnet: 10.42.0.0/24 }] } }
  six:
    enable_ipv6: true
    ipam: { config: [{ subnet: 10.43.0.0/24 }, { subnet: "fd43::/64" }] }
  four: { enable_ipv4: true, name: "named-\${OUTSIDE}" }
  closed: { internal: true }
  of_host: { external: true, name: host }
  outer: { external: true, name: applied-outer }
  outer_old: { external: { name: applied-outer-old } }
`;

/** Services and probes. */
export const NETWORKS: Table = {
  rest: NETWORKS_REST,
  subjects: [
    subject('pooled', 'networks: [pool]', [
      inside('networks /networks.*.ipam.config.*.subnet', address('eth0'), '10.41.5.3/16'),
      inside(
        '/networks.*.ipam.config.*.ip_range /networks.*.ipam.config.*.aux_addresses',
        address('eth0'),
        '10.41.5.3/16',
      ),
      inside('/networks.*.ipam.config.*.gateway', 'ip route | grep default', 'default via 10.41.9.1 dev eth0 '),
      inside('/networks.*.driver_opts', 'cat /sys/class/net/eth0/mtu', '1400'),
      outside(
        '/networks.*.driver',
        "ip -o -d link show $(ip -o -4 addr | grep -w 10.41.9.1 | cut -d' ' -f2) | grep -o 'bridge forward_delay'",
        'bridge forward_delay',
      ),
      shownOf('/networks.*.driver', ['network', 'applied_pool'], 'Driver', '"bridge"'),
      shownOf('/networks.*.ipam.driver', ['network', 'applied_pool'], 'IPAM.Driver', '"default"'),
      shownOf('/networks.*.attachable', ['network', 'applied_pool'], 'Attachable', 'true'),
      shownOf('/networks.*.labels', ['network', 'applied_pool'], 'Labels.kind', '"pool"'),
    ]),
    subject(
      'fixed',
      `
mac_address: 02:42:00:00:00:11
networks:
  fixed: { ipv4_address: 10.42.0.77, aliases: [nickname], mac_address: "02:42:00:00:00:22" }
  six: { ipv6_address: "fd43::77", priority: 10 }
`,
      [
        inside('networks.*.ipv4_address networks.*.priority', address('eth1'), '10.42.0.77/24'),
        inside('networks.*.mac_address', 'cat /sys/class/net/eth1/address', '02:42:00:00:00:22'),
        inside(
          'networks.*.ipv6_address',
          "ip -6 -o addr show eth0 scope global | sed 's/.*inet6 //; s/ .*//'",
          'fd43::77/64',
        ),
      ],
    ),
    subject('mac', 'mac_address: 02:42:00:00:00:33', [
      inside('mac_address', 'cat /sys/class/net/eth0/address', '02:42:00:00:00:33'),
    ]),
    subject(
      'way',
      'networks:\n  fixed: { interface_name: eth1 }\n  four: { interface_name: wan.0 }\n  six: { gw_priority: 5 }',
      [
        inside('networks.*.gw_priority', 'ip route | grep default', 'default via 10.43.0.1 dev eth0 '),
        inside(
          'networks.*.interface_name',
          `${address('eth1')}; ls /sys/class/net | tr '\\n' ' '`,
          /^10\.42\.0\..*\neth0 eth1 lo wan\.0 $/,
        ),
      ],
    ),
    subject('asks', 'networks: [fixed]\nlinks: ["fixed:linked"]\nextra_hosts: ["far:10.1.2.3", "gate:host-gateway"]', [
      inside('networks.*.aliases', 'ping -c 1 -w 2 nickname | head -1', 'PING nickname (10.42.0.77): 56 data bytes'),
      inside('links', 'ping -c 1 -w 2 linked | head -1', 'PING linked (10.42.0.77): 56 data bytes'),
      inside(
        'extra_hosts',
        'ping -c 1 -W 1 far | head -1; grep -c gate /etc/hosts',
        'PING far (10.1.2.3): 56 data bytes\n1',
      ),
    ]),
    subject('six', 'networks: [six]', [
      inside('/networks.*.enable_ipv6', 'ping -6 -c 1 -w 3 fd43::77 | grep -c "1 packets received"', '1'),
    ]),
    subject('four', 'networks: [four]', [
      inside('/networks.*.enable_ipv4', address('eth0'), /^\d+\.\d+\.\d+\.\d+\/\d+$/),
      shown('/networks.*.name', 'NetworkSettings.Networks.named-from-outside.DNSNames.0', '"applied-four-1"'),
    ]),
    subject('closed', 'networks: [closed]\nports: ["18099:80"]', [
      inside('/networks.*.internal', 'ip route | grep -c default; ping -c 1 -W 1 closed | head -1', /^0\nPING closed/),
    ]),
    subject('outer', 'networks: [outer, outer_old]\nexternal_links: ["applied-friend:pal"]', [
      inside('external_links', 'ping -c 1 -w 2 pal | head -1', /^PING pal \(10\.44\.0\.2\)/),
      inside('/networks.*.external', 'ip -4 -o addr', /inet 10\.44\.0\./),
      inside('/networks.*.external.name', 'ip -4 -o addr', /inet 10\.45\.0\./),
    ]),
    subject(
      'resolves',
      'networks: [fixed]\ndns: 10.42.0.1\ndns_opt: ["ndots:3", "timeout:1"]\ndns_search: [lan.test]',
      [
        inside('dns', 'nslookup special.lan.test | grep -m 1 -o 10.0.0.77', '10.0.0.77'),
        inside(
          'dns_search',
          'grep search /etc/resolv.conf; ping -c 1 -W 1 special | head -1',
          'search lan.test\nPING special (10.0.0.77): 56 data bytes',
        ),
        inside('dns_opt', 'grep options /etc/resolv.conf', /ndots:3 timeout:1|timeout:1 ndots:3/),
      ],
    ),
    subject('none', 'network_mode: none', [inside('network_mode', 'ls /sys/class/net', 'lo')]),
    subject('bridged', 'network_mode: bridge', [
      inside('network_mode', 'cat /etc/resolv.conf', /^(?!.*127\.0\.0\.11)/s),
    ]),
    subject('linked', 'network_mode: bridge\nlinks: ["bridged:other"]', [
      inside('links', 'ping -c 1 -W 1 other | head -1', /^PING other \(172\./),
    ]),
    subject('hostly', 'networks: [of_host]', [outside('/networks.*.external', 'same net self', 'same')]),
    subject(
      'serves',
      `
command: sh -c "mkdir /w && echo served >/w/index.html && exec httpd -f -p 80 -h /w"
networks: [fixed]
ports:
  - { name: web, target: 80, published: "18080", host_ip: 127.0.0.1, protocol: tcp, app_protocol: http, mode: host }
  - "18081:80"
  - "18082-18083:80-81"
  - "18053:53/udp"
`,
      [],
    ),
    subject('host', 'network_mode: host', [
      outside('network_mode', 'same net self', 'same'),
      outside('ports ports.*.target ports.*.published', fetch('127.0.0.1:18081'), 'served'),
      outside('ports.*.host_ip ports.*.mode', `${fetch('127.0.0.1:18080')}; ${fetch('10.42.0.1:18080')}`, 'served\n7'),
      outside('ports', fetch('10.42.0.1:18081'), 'served'),
      outside('ports', fetch('127.0.0.1:18082'), 'served'),
      outside('ports.*.protocol', UDP, 'pong'),
      outside('ports', fetch('127.0.0.1:18099'), '7'),
    ]),
  ],
};
