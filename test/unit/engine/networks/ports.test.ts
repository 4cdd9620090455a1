import { createServer } from 'node:net';
import { once } from 'node:events';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findPortHolder, portTakenError, socketInodes } from '../../../../src/engine/networks/port-holder.ts';
import { boundPorts, parsePortList, PortTable } from '../../../../src/engine/networks/port-table.ts';

const request = (
  hostPort: string,
  hostIp = '',
): { containerPort: number; proto: 'tcp'; hostIp: string; hostPort: string } => ({
  containerPort: 80,
  proto: 'tcp',
  hostIp,
  hostPort,
});
const table = (inUse: readonly number[] = []): PortTable =>
  new PortTable({ range: [50000, 50003], reserved: new Set([50001]), ipv6: true, inUse: () => new Set(inUse) });

describe('a port', () => {
  it('without address is held in both families, with the same number', () => {
    expect(table().take('a', [request('8080')], '')).toEqual([
      { hostIp: '0.0.0.0', hostPort: 8080, proto: 'tcp', containerPort: 80 },
      { hostIp: '::', hostPort: 8080, proto: 'tcp', containerPort: 80 },
    ]);
    expect(
      table()
        .take('a', [request('8080')], '127.0.0.1')
        .map(({ hostIp }) => hostIp),
    ).toEqual(['127.0.0.1']);
  });

  it("is refused in Docker's words when another container has it", () => {
    const ports = table();
    ports.take('a', [request('8080')], '');
    expect(() => ports.take('b', [request('8080')], '')).toThrow(
      'Bind for 0.0.0.0:8080 failed: port is already allocated',
    );
    expect(() => ports.take('b', [request('8080', '127.0.0.1')], '')).toThrow('Bind for 127.0.0.1:8080 failed');
    expect(() => ports.take('b', [request('8080', '::1')], '')).toThrow('Bind for [::1]:8080 failed');
    expect(ports.take('b', [{ ...request('8080'), proto: 'udp' }], '')).toHaveLength(2);
    ports.release('a');
    expect(ports.take('b', [request('8080')], '')).toHaveLength(2);
  });

  it('of a range or of any number is the next free one that is not reserved', () => {
    const ports = table();
    const numbers = ['a', 'b', 'c'].map((id) => ports.take(id, [request('')], '')[0]?.hostPort);
    expect(numbers).toEqual([50000, 50002, 50003]);
    expect(() => ports.take('d', [request('0')], '')).toThrow('50000-50003 failed: port is already allocated');
    expect(ports.take('d', [request('8000-8001'), request('8000-8001')], '').map(({ hostPort }) => hostPort)).toEqual([
      8000, 8000, 8001, 8001,
    ]);
  });

  it('of a range passes over what the host uses; an explicit one is left to the bind', () => {
    expect(
      table([8000, 50000])
        .take('a', [request('8000-8001'), request('')], '')
        .map(({ hostPort }) => hostPort),
    ).toEqual([8001, 8001, 50002, 50002]);
    expect(table([8000]).take('a', [request('8000')], '')).toHaveLength(2);
    expect(boundPorts('head\n 0: 00000000:1F90 00000000:0000 0A x\n 1: 00000000:0016 00000000:0000 01 x\n')).toEqual([
      8080,
    ]);
  });

  it('is taken with all others of the request or none', () => {
    const ports = table();
    ports.take('a', [request('81')], '');
    expect(() => ports.take('b', [request('80'), request('81')], '')).toThrow('81 failed');
    expect(ports.take('c', [request('80')], '')).toHaveLength(2);
  });

  it.each(['x', '0-5', '70000', '90-80', '-1'])('can not be %j', (text) => {
    expect(() => table().take('a', [request(text)], '')).toThrow('invalid port specification');
  });

  it('lists are read', () => {
    expect([...parsePortList('80,90-92')]).toEqual([80, 90, 91, 92]);
    expect(parsePortList('').size).toBe(0);
  });
});

describe('the holder of a port', () => {
  it('is found by its socket and named in the hint', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await findPortHolder(port, 'tcp')).toEqual({ pid: process.pid, name: basename(process.execPath) });
    const error = await portTakenError(`127.0.0.1:${port}/tcp`);
    expect(error.message).toBe(`Bind for 127.0.0.1:${port} failed: port is already allocated`);
    expect(error.hint).toContain(`(pid ${process.pid})`);
    server.close();
    await once(server, 'close');
    expect(await findPortHolder(port, 'tcp')).toBeUndefined();
  });

  it('of an IPv6 port is asked for without brackets', async () => {
    expect((await portTakenError('[::]:9/udp')).message).toBe('Bind for [::]:9 failed: port is already allocated');
  });

  it('is no connection that merely uses the port', () => {
    const line = (state: string, inode: string): string =>
      `  0: 0100007F:1F90 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1`;
    expect(socketInodes(`head\n${line('0A', '11')}\n${line('01', '12')}\n${line('0A', '0')}\n`, 8080)).toEqual(['11']);
  });
});
