// Attach and exec start: a connection of its own that becomes a raw duplex stream after the engine's 101.
import http from 'node:http';
import type { Duplex } from 'node:stream';
import {
  connectionError,
  httpError,
  requestBody,
  refuseChange,
  requestOptions,
  type ApiRequest,
  type Transport,
} from './transport.ts';

/** A stream taken over, and whether its output is framed (`multiplexed`) as far as the engine says. */
export interface Hijacked {
  /** Ending it ends standard input; output still comes. */
  readonly stream: Duplex;
  /** `Content-Type` of the answer, "" when there was none. */
  readonly contentType: string;
}

/** Sends the request with `Upgrade: tcp` on a new connection and hands that over once the engine agrees. */
export async function hijack(transport: Transport, request: ApiRequest): Promise<Hijacked> {
  refuseChange(transport, request);
  const { promise, resolve, reject } = Promise.withResolvers<Hijacked>();
  const options = requestOptions(transport.address, request);
  const headers = { ...(options.headers as http.OutgoingHttpHeaders), Connection: 'Upgrade', Upgrade: 'tcp' };
  const sent = http.request({ ...options, headers, agent: false });
  sent.once('upgrade', (answer, stream, head) => {
    if (head.length > 0) stream.unshift(head);
    resolve({ stream: stream, contentType: answer.headers['content-type'] ?? '' });
  });
  sent.once('response', (answer) => {
    httpError(request, answer).then(reject, reject);
  });
  sent.once('error', (error) => reject(connectionError(transport.address, request, error)));
  sent.end(requestBody(request));
  return await promise;
}
