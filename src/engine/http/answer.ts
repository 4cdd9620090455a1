// Writes answers to node:http responses: Docker's headers, JSON with a newline at its end, streams flushed before their
// first byte.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { API_VERSION, VERSION } from '../../base/version.ts';
import { failureAnswer, isOwnClient } from './errors.ts';
import type { ApiAnswer, JsonAnswer, StreamAnswer } from './types.ts';

/** On every answer, also on errors. */
export const COMMON_HEADERS: Readonly<Record<string, string>> = {
  'Api-Version': API_VERSION,
  'Docker-Experimental': 'false',
  Ostype: 'linux',
  Server: `Docker/${VERSION} (linux)`,
};

/** One request of node:http on its way. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly signal: AbortSignal;
}

/** Sends a handler's answer; resolves when its last byte has been handed to the connection. */
export async function sendAnswer(exchange: Exchange, answer: ApiAnswer): Promise<void> {
  if ('write' in answer) await sendStream(exchange, answer);
  else if ('json' in answer) sendJson(exchange.response, answer);
  else if ('serve' in answer) throw new Error('a connection can only be taken over by its first request');
  else sendEmpty(exchange.response, answer.status);
}

/** Sends what stands for a thrown error; when the head is already out, the connection is cut so that the client notices. */
export function sendFailure(exchange: Exchange, error: unknown): void {
  const { request, response } = exchange;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { status, body } = failureAnswer(error, isOwnClient(request.headers));
  if (status === 304) sendEmpty(response, 304);
  else sendJson(response, { status, json: body });
}

function sendJson(response: ServerResponse, answer: JsonAnswer): void {
  const body = Buffer.from(`${JSON.stringify(answer.json)}\n`);
  response.writeHead(answer.status ?? 200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
  response.end(body);
}

function sendEmpty(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 200 || status === 201 ? { 'Content-Length': 0 } : {});
  response.end();
}

async function sendStream(exchange: Exchange, answer: StreamAnswer): Promise<void> {
  const { response, signal } = exchange;
  response.writeHead(answer.status ?? 200, { ...answer.headers });
  response.flushHeaders();
  await answer.write(response, signal);
  response.end();
}
