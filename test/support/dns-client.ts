// Asks a resolver from inside the namespace it is started in. argv: questions as JSON; prints the answers as JSON, null
// where none came within the time.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { decodeAnswer, encodeQuestion, type DnsAnswer } from './dns-wire.ts';

/** One question of the client. */
export interface ClientQuestion {
  readonly name: string;
  readonly type: number;
  readonly room?: number;
  readonly tcp?: boolean;
  /** Raw bytes in hex instead of a question. */
  readonly raw?: string;
  /** Milliseconds, default 3000. */
  readonly patience?: number;
}

const SERVER = '127.0.0.11';
const PORT = 53;

async function ask(question: ClientQuestion, index: number): Promise<DnsAnswer | null> {
  const { name, type, room = 1232, raw, patience = 3000 } = question;
  const message = raw === undefined ? encodeQuestion({ id: 4000 + index, name, type, room }) : Buffer.from(raw, 'hex');
  const signal = AbortSignal.timeout(patience);
  const answer = question.tcp === true ? await byTcp(message, signal) : await byUdp(message, signal);
  return answer === undefined ? null : decodeAnswer(answer);
}

async function byUdp(message: Buffer, signal: AbortSignal): Promise<Buffer | undefined> {
  const socket = createSocket('udp4');
  socket.send(message, PORT, SERVER);
  try {
    const [answer] = (await once(socket, 'message', { signal })) as [Buffer];
    return answer;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  } finally {
    socket.close();
  }
}

async function byTcp(message: Buffer, signal: AbortSignal): Promise<Buffer | undefined> {
  const socket = connect({ port: PORT, host: SERVER, signal });
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  socket.write(Buffer.concat([length, message]));
  let got = Buffer.alloc(0);
  try {
    for await (const chunk of socket) {
      got = Buffer.concat([got, chunk as Buffer]);
      if (got.length >= 2 && got.length >= 2 + got.readUInt16BE(0)) return got.subarray(2, 2 + got.readUInt16BE(0));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return undefined;
}

const questions = JSON.parse(process.argv[2] ?? '[]') as readonly ClientQuestion[];
const answers = await Promise.all(questions.map(ask));
console.log(JSON.stringify(answers));
