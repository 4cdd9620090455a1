// Serves a request whose connection may be taken over (attach, exec start): after the head of the answer it is a raw
// duplex stream. Everything up to there is written by hand, since node:http must never see such a connection.
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { RAW_TYPE } from '../../api/frames.ts';
import { GantryError } from '../../base/error.ts';
import { COMMON_HEADERS } from './answer.ts';
import { dispatch } from './dispatch.ts';
import { failureAnswer, isOwnClient } from './errors.ts';
import { parseHead, type Head } from './head.ts';
import type { HttpOptions } from './router.ts';
import { takeBody } from './take-body.ts';
import type { ApiAnswer, HijackAnswer } from './types.ts';

/** How long a refused client may take to close its side, in ms. */
const LINGER_MS = 10_000;

/** What the front door read. */
export interface FirstBytes {
  /** The head without its empty line. */
  readonly head: string;
  /** What came behind it. */
  readonly rest: Buffer;
}

/** Serves the request to its end; never rejects. */
export async function takeOver(options: HttpOptions, socket: Socket, first: FirstBytes): Promise<void> {
  const gone = new AbortController();
  socket.once('close', () => gone.abort(new GantryError('base/aborted', 'the client has gone')));
  const signal = AbortSignal.any([gone.signal, options.signal]);
  let head: Head | undefined;
  let isAnswered = false;
  try {
    head = parseHead(first.head);
    const answer = await answerOf(options, { socket, head, rest: first.rest, signal });
    isAnswered = true;
    if (!('serve' in answer)) sendPlain(socket, ...plainAnswer(answer));
    else await serveRaw(socket, { answer, head, signal });
  } catch (error) {
    refuse(options, socket, { error, head, isAnswered });
  }
}

interface Taken {
  readonly socket: Socket;
  readonly head: Head;
  readonly rest: Buffer;
  readonly signal: AbortSignal;
}

async function answerOf(options: HttpOptions, taken: Taken): Promise<ApiAnswer> {
  const { socket, head, rest, signal } = taken;
  if (head.headers.expect?.toLowerCase() === '100-continue') socket.write('HTTP/1.1 100 Continue\r\n\r\n');
  const body = Readable.from([await takeBody(socket, rest, head.bodyLength)]);
  return await dispatch(options.handlers, { method: head.method, url: head.url, headers: head.headers, body, signal });
}

interface RawTurn {
  readonly answer: HijackAnswer;
  readonly head: Head;
  readonly signal: AbortSignal;
}

async function serveRaw(socket: Socket, turn: RawTurn): Promise<void> {
  const { answer, head, signal } = turn;
  socket.write(head.upgrade ? upgradedHead(answer.contentType) : headLines('200 OK', { 'Content-Type': RAW_TYPE }));
  await answer.serve(socket, signal);
}

function upgradedHead(contentType: string): string {
  return headLines('101 UPGRADED', { 'Content-Type': contentType, Connection: 'Upgrade', Upgrade: 'tcp' });
}

function headLines(status: string, headers: Readonly<Record<string, string | number>>): string {
  const lines = Object.entries({ ...COMMON_HEADERS, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status}\r\n${lines.join('')}\r\n`;
}

function plainAnswer(answer: Exclude<ApiAnswer, HijackAnswer>): [status: number, json: unknown] {
  if ('write' in answer) throw new Error('a route that takes a connection over cannot answer with a stream');
  return 'json' in answer ? [answer.status ?? 200, answer.json] : [answer.status, undefined];
}

interface Failure {
  readonly error: unknown;
  readonly head: Head | undefined;
  /** The head of an answer is out: nothing else can be said on this connection. */
  readonly isAnswered: boolean;
}

function refuse(options: HttpOptions, socket: Socket, { error, head, isAnswered }: Failure): void {
  const path = head?.url.split('?')[0];
  if (isAnswered || !socket.writable) {
    options.log.debug('connection of a stream was cut', { path, error });
    socket.destroy();
    return;
  }
  const { status, body } = failureAnswer(error, head !== undefined && isOwnClient(head.headers));
  if (!(error instanceof GantryError)) options.log.error('request failed', { path, error });
  sendPlain(socket, status, body);
}

/** A whole answer, after which the connection ends. What the client still sends is read, or closing would cut the answer off. */
function sendPlain(socket: Socket, status: number, json: unknown): void {
  const body = json === undefined ? '' : `${JSON.stringify(json)}\n`;
  const type = json === undefined ? {} : { 'Content-Type': 'application/json' };
  const length = status === 204 || status === 304 ? {} : { 'Content-Length': Buffer.byteLength(body) };
  socket.setTimeout(LINGER_MS, () => socket.destroy());
  socket.resume();
  socket.end(headLines(`${status} ${STATUS_CODES[status] ?? ''}`, { ...type, ...length, Connection: 'close' }) + body);
}

/** Answers a connection whose head can't be read at all. */
export function refuseHead(socket: Socket, status: number, message: string): void {
  sendPlain(socket, status, { message, code: 'engine/bad-parameter' });
}
