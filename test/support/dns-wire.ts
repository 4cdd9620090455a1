// Questions and answers of the DNS as bytes, for a client and a server in tests.

/** Record types that tests ask for. */
export const DNS_TYPES = { A: 1, PTR: 12, MX: 15, TXT: 16, AAAA: 28 } as const;

/** How a question is put. */
export interface DnsQuestion {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  /** Size offered by EDNS; 0 = none. */
  readonly room: number;
}

/** An answer as a test looks at it. */
export interface DnsAnswer {
  readonly id: number;
  readonly rcode: number;
  readonly truncated: boolean;
  readonly name: string;
  readonly type: number;
  readonly questions: number;
  readonly additional: number;
  /** A and AAAA as text, PTR as a name, everything else in hex. */
  readonly answers: readonly string[];
  readonly ttls: readonly number[];
  readonly bytes: number;
}

/** A question with RD set. */
export function encodeQuestion({ id, name, type, room }: DnsQuestion): Buffer {
  const head = Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, room > 0 ? 1 : 0]);
  const opt = Buffer.from([0, 0, 41, room >> 8, room & 255, 0, 0, 0, 0, 0, 0]);
  return Buffer.concat([
    head,
    encodeName(name),
    Buffer.from([type >> 8, type & 255, 0, 1]),
    ...(room > 0 ? [opt] : []),
  ]);
}

/** A name as labels. */
export function encodeName(name: string): Buffer {
  const labels = name === '' ? [] : name.split('.');
  return Buffer.concat([
    ...labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
}

/** Reads an answer. */
export function decodeAnswer(message: Buffer): DnsAnswer {
  const [name, end] = decodeName(message, 12);
  const answers: string[] = [];
  const ttls: number[] = [];
  let at = end + 4;
  for (let left = message.readUInt16BE(6); left > 0; left--) {
    const [, head] = decodeName(message, at);
    const length = message.readUInt16BE(head + 8);
    answers.push(decodeData(message, { type: message.readUInt16BE(head), at: head + 10, length }));
    ttls.push(message.readUInt32BE(head + 4));
    at = head + 10 + length;
  }
  return {
    id: message.readUInt16BE(0),
    rcode: message.readUInt8(3) & 15,
    truncated: (message.readUInt8(2) & 2) !== 0,
    name,
    type: message.readUInt16BE(end),
    questions: message.readUInt16BE(4),
    additional: message.readUInt16BE(10),
    answers,
    ttls,
    bytes: message.length,
  };
}

function decodeData(message: Buffer, { type, at, length }: { type: number; at: number; length: number }): string {
  const data = message.subarray(at, at + length);
  if (type === DNS_TYPES.A) return [...data].join('.');
  if (type === DNS_TYPES.PTR) return decodeName(message, at)[0];
  return data.toString('hex');
}

/** A name and the offset behind it. */
export function decodeName(message: Buffer, start: number): readonly [string, number] {
  const labels: string[] = [];
  let at = start;
  for (let length = message.readUInt8(at); length !== 0; length = message.readUInt8(at)) {
    if (length >= 0xc0) {
      const [rest] = decodeName(message, message.readUInt16BE(at) & 0x3fff);
      return [[...labels, rest].join('.'), at + 2];
    }
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return [labels.join('.'), at + 1];
}
