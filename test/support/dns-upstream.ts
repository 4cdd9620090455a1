// A name server for tests whose behaviour is in the name it is asked for. argv: address, own label. Prints a line when it
// listens, then each question it gets.
//   ok.*        its label as TXT-like A record      refuse.*  REFUSED         silent.*  nothing
//   forge.*     first an answer with another id, one to another question, then the right one
//   big.*       truncated by UDP, 3000 bytes by TCP
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { decodeName, encodeName } from './dns-wire.ts';

const [, , address = '', label = ''] = process.argv;
const PORT = 53;

function reply(question: Buffer, { rcode = 0, records = 0, flags = 0x80 }): Buffer {
  const [, end] = decodeName(question, 12);
  const head = Buffer.from(question.subarray(0, end + 4));
  head.writeUInt8(flags | 1, 2);
  head.writeUInt8(0x80 | rcode, 3);
  head.writeUInt16BE(records, 6);
  head.writeUInt16BE(0, 10);
  const record = Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, Number(label)]);
  return Buffer.concat([head, ...Array.from({ length: records }, () => record)]);
}

function answers(question: Buffer, tcp: boolean): readonly Buffer[] {
  const [name] = decodeName(question, 12);
  console.log(`${tcp ? 'tcp' : 'udp'} ${name} ${question.readUInt16BE(0)}`);
  const kind = name.split('.')[0];
  const good = reply(question, { records: 1 });
  if (kind === 'silent') return [];
  if (kind === 'refuse' && label === '1') return [reply(question, { rcode: 5 })];
  if (kind === 'big') return [tcp ? reply(question, { records: 180 }) : reply(question, { flags: 0x82 })];
  if (kind !== 'forge') return [good];
  const otherId = Buffer.from(good);
  otherId.writeUInt16BE(good.readUInt16BE(0) ^ 1, 0);
  const otherName = Buffer.concat([
    good.subarray(0, 12),
    encodeName('forgx.test'),
    good.subarray(12 + encodeName(name).length),
  ]);
  return [otherId, otherName, good];
}

const udp = createSocket('udp4');
udp.on('message', (question, from) => {
  for (const answer of answers(question, false)) udp.send(answer, from.port, from.address);
});
const tcp = createServer((socket) => {
  socket.on('data', (chunk: Buffer) => {
    for (const answer of answers(chunk.subarray(2), true)) {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(answer.length);
      socket.write(Buffer.concat([length, answer]));
    }
  });
  socket.on('error', () => socket.destroy());
});
udp.bind(PORT, address, () => {
  tcp.listen(PORT, address, () => {
    console.log('listening');
  });
});
process.stdin.on('end', () => process.exit(0)).resume();
